-- Task 15: answers that keep coming.

local common = require "common"

local OK, CANCEL, DEADLINE, UNIMPLEMENTED = 0, 8, 4, 12

return task {
    nodes = 1,
    seeds = 2,
    network = { latency = "1ms" },
    run = function(w)
        local at, writer, puts

        -- What a watcher has got so far: { key =, value =, revision = }, and how many bytes are no whole message yet.
        local function got(s)
            local messages, rest = w:grpc_messages(s:body())
            local list = {}
            for i, message in ipairs(messages) do
                local f = common.pb_read(w, "message " .. i .. " to a watcher", message)
                list[i] = { key = f[1] or "", value = f[2] or "", revision = f[3] or 0 }
            end
            return list, #rest
        end

        local function watch(h, prefix, more)
            local call = { path = "/kv.Store/Watch", message = common.pb_bytes(1, prefix) }
            for k, v in pairs(more or {}) do call[k] = v end
            return h:call(call)
        end

        -- Puts by way of the stream of writer; gives their revisions later, in writer's answers.
        local function put(key, value) puts:send(w:grpc_message(common.put(key, value))) end

        local revision = 0
        local model = {}
        local function put_noted(key, value)
            put(key, value)
            revision = revision + 1
            model[#model + 1] = { key = key, value = value, revision = revision }
        end

        -- The watcher has got every put since `from` that begins with the prefix, each once and in order.
        local function expect_all(what, s, prefix, from)
            local wanted = {}
            for i = from, #model do
                if model[i].key:sub(1, #prefix) == prefix then wanted[#wanted + 1] = model[i] end
            end
            local list, rest = got(s)
            for i, m in ipairs(wanted) do w:expect("message " .. i .. " to " .. what, list[i], m) end
            w:expect("messages to " .. what, #list, #wanted)
            w:expect("bytes after the last message to " .. what, rest, 0)
        end

        w:step("Sync answers each put at once", function()
            at = common.listen(w, { proto = "grpc" })
            writer = common.http2(w, at)
            local s = writer:call { path = "/kv.Store/Sync", open = true }
            puts = s
            for i = 1, 5 do
                put_noted("a" .. i % 2, "value " .. i)
                w:sleep("3ms")
                local messages = w:grpc_messages(s:body())
                w:expect("answers after put " .. i, #messages, i)
                w:expect("the revision of put " .. i, common.pb_read(w, "answer " .. i, messages[i])[1], i)
            end
            local bytes = w:grpc_message(common.put("a1", "in pieces"))
            for place = 1, #bytes do
                s:send(bytes:sub(place, place))
                w:sleep("1ms")
            end
            revision = revision + 1
            model[#model + 1] = { key = "a1", value = "in pieces", revision = revision }
            w:sleep("3ms")
            w:expect("answers after a put in pieces", #w:grpc_messages(s:body()), 6)
            s:finish()
            common.rpc_end(w, "Sync", s, OK)
            puts = writer:call { path = "/kv.Store/Sync", open = true }
            puts:finish()
            common.rpc_end(w, "a Sync of nothing", puts, OK)
            puts = writer:call { path = "/kv.Store/Sync", open = true }
        end)

        w:step("Watch gives what is there, and each put as it comes", function()
            local h = common.http2(w, at)
            local all, some, none = watch(h, ""), watch(h, "a1"), watch(h, "b")
            w:sleep("5ms")
            w:expect("what is there", (got(all)), { model[4], model[6] })
            w:expect("what is there and begins with a1", (got(some)), { model[6] })
            w:expect("what is there and begins with b", #got(none), 0)
            put_noted("b", "new")
            put_noted("a1", "newer")
            w:sleep("3ms")
            w:expect("messages to all", (got(all)), { model[4], model[6], model[7], model[8] })
            w:expect("messages for a1", (got(some)), { model[6], model[8] })
            w:expect("messages for b", (got(none)), { model[7] })
            w:expect("the end of a watch", all.ended or false, false)
            w:expect("the status of HTTP", none.status, 200)
        end)

        w:step("a hundred watchers get each put once, in order", function()
            local connections, watchers = {}, {}
            for i = 1, 5 do connections[i] = common.http2(w, at) end
            for i = 1, 100 do
                local prefix = i <= 10 and "p" or "p" .. i % 10
                watchers[i] = { prefix = prefix, s = watch(connections[i % 5 + 1], prefix) }
            end
            w:sleep("5ms")
            local from = #model + 1
            for _ = 1, 10 do
                for _ = 1, 100 do put_noted("p" .. w:random(0, 9) .. w:random(0, 3), tostring(w:random(1, 1000000))) end
                w:sleep("4ms")
            end
            for i, one in ipairs(watchers) do expect_all("watcher " .. i, one.s, one.prefix, from) end
            w:sleep("5ms")
            w:expect("answers to the puts", #w:grpc_messages(puts:body()), #model - 6)
        end)

        w:step("one half-closes and goes on, one cancels and hears no more", function()
            local h, wire = common.http2(w, at)
            local s = h:call { path = "/kv.Store/Watch", open = true }
            s:send(w:grpc_message(common.pb_bytes(1, "h")))
            w:sleep("3ms")
            put_noted("h1", "before")
            w:sleep("3ms")
            s:finish()
            w:sleep("3ms")
            put_noted("h2", "after")
            w:sleep("3ms")
            expect_all("one that has half-closed", s, "h", #model - 1)
            s:cancel(CANCEL)
            w:sleep("3ms")
            local before = wire.data
            for i = 1, 10 do put_noted("h" .. i, "unheard") end
            w:sleep("20ms")
            w:expect("bytes of DATA after it was cancelled", wire.data - before, 0)
        end)

        w:step("a watch without a message is no watch, and one with a deadline ends", function()
            local h = common.http2(w, at)
            common.rpc(w, h, "a Watch without a message", { path = "Watch" }, UNIMPLEMENTED)
            local begun = w:now()
            local _, s = common.rpc(w, h, "a Watch of 50 ms", { path = "Watch", message = "", timeout = "50m" }, DEADLINE)
            w:expect_near("seconds that it took", s.ended_at - begun, 0.052, 0.005)
        end)

        local stalled, stalled_from, stalled_wire

        w:step("one that reads nothing holds up nobody", function()
            local slow, wire = common.http2(w, at, { window = 0, manual = true })
            stalled, stalled_wire = watch(slow, "s"), wire
            local h = common.http2(w, at)
            local other = watch(h, "s")
            local twin = watch(slow, "s1")
            twin:window(1 << 20)
            slow:window(1 << 20)
            w:sleep("5ms")
            stalled_from = #model + 1
            for _ = 1, 20 do
                for i = 1, 100 do put_noted("s" .. i % 20, i .. common.noise(w, 100)) end
                w:sleep("4ms")
            end
            expect_all("a watcher beside it", other, "s", stalled_from)
            expect_all("a watcher on the same connection", twin, "s1", stalled_from)
            w:sleep("10s")
            w:expect("bytes of DATA to the one that reads nothing", stalled.received, 0)
            put_noted("s0", "the last")
            w:sleep("4ms")
        end)

        w:step("when it reads again it gets the latest of each key, and nothing twice", function()
            stalled:window(10)
            w:sleep("5ms")
            w:expect("bytes of DATA at a window of 10", stalled.received, 10)
            for _ = 1, 20 do
                stalled.connection:window(20000)
                stalled:window(20000)
                w:sleep("4ms")
            end
            local list, rest = got(stalled)
            w:expect("bytes after the last message", rest, 0)
            local last, wanted = {}, {}
            for i, m in ipairs(list) do
                w:expect("message " .. i .. " is a put that was made", m, model[m.revision])
                if i > 1 then
                    w:expect_at_least("the revision of message " .. i .. ", above that before", m.revision, list[i - 1].revision + 1)
                end
                last[m.key] = m.value
            end
            for i = stalled_from, #model do wanted[model[i].key] = model[i].value end
            for key, value in pairs(wanted) do
                common.expect_bytes(w, "the latest value of " .. key, last[key], value)
            end
        end)

        w:step("what waits for a reader is bounded", function()
            w:expect_at_most("bytes that waited for the one that reads nothing, of " .. 2000 * 118, stalled.received, 72 << 10)
            stalled.connection:window(1 << 20)
            stalled:window(1 << 20)
            local from = #model + 1
            for i = 1, 50 do put_noted("s" .. i, "afterwards") end
            w:sleep("5ms")
            local list = got(stalled)
            for i = 0, #model - from do w:expect("a put afterwards", list[#list - i], model[#model - i]) end
        end)

        w:step("Sync ends with a status when the client has ended", function()
            puts:finish()
            common.rpc_end(w, "Sync", puts, OK)
        end)
    end,
}
