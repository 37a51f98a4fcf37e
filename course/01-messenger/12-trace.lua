-- Task 12: the node's own account of its messages, against what went over its pipe. n1 is played here.

local common = require "common"

return task {
    nodes = 1,
    peers = 1,
    latency = "10ms",
    run = function(w)
        local c, life_began = w:client(), 0
        w:play("n1", function(m) return { type = "echo_ok", echo = m.body.echo } end)

        -- All that went in and out of this life of n0, in order. Of one instant what came in stands first:
        -- the story lets only one thing happen at a time.
        local function passed()
            local list = {}
            for _, m in ipairs(w:sent { to = "n0", received = true }) do
                if m.received_at >= life_began then
                    list[#list + 1] = { at = m.received_at, place = 0, id = m.id, dir = "in", peer = m.from,
                        body = m.body }
                end
            end
            for _, m in ipairs(w:sent { from = "n0", since = life_began }) do
                list[#list + 1] = { at = m.sent_at, place = 1, id = m.id, dir = "out", peer = m.to,
                    body = m.body }
            end
            table.sort(list, function(a, b)
                if a.at ~= b.at then return a.at < b.at end
                if a.place ~= b.place then return a.place < b.place end
                return a.id < b.id
            end)
            return list
        end

        local function check_entry(entry, m, init_at, what, call)
            w:expect(what .. ": dir", entry.dir, m.dir, call)
            w:expect(what .. ": type", entry.type, m.body.type, call)
            w:expect(what .. ": peer", entry.peer, m.peer, call)
            w:expect(what .. ": msg_id", entry.msg_id, m.body.msg_id, call)
            w:expect(what .. ": in_reply_to", entry.in_reply_to, m.body.in_reply_to, call)
            w:expect_near(what .. ": at_ms", entry.at_ms, common.ms(init_at, m.at), 2, call)
        end

        -- Asks for a trace; total: how many envelopes there must have been, the request included.
        local function check_trace(limit, total)
            w:sleep("1ms")
            local call = c:begin("n0", { type = "trace", limit = limit })
            local reply = common.is_ok(w, call, common.at_once(w, call))
            local all = passed()
            table.remove(all) -- the answer itself
            if total then w:expect("envelopes so far (by the scenario's own count)", #all, total) end
            local count = math.min(limit, 100, #all)
            w:expect("entries of " .. #all .. " envelopes, limit " .. limit, #reply.entries, count, call)
            local before = -1
            for i, entry in ipairs(reply.entries) do
                local what = "entry " .. i .. " of " .. count
                check_entry(entry, all[#all - count + i], all[1].at, what, call)
                w:expect_at_least(what .. ": at_ms never falls", entry.at_ms, before, call)
                before = entry.at_ms
            end
            w:sleep("1ms")
        end

        local function echo() c:ask("n0", { type = "echo", echo = 1 }, common.AT_ONCE) end

        -- One thing after the other, at odd times.
        local function something()
            local kind = w:random(1, 6)
            if kind <= 2 then
                echo()
            elseif kind == 3 then
                c:ask("n0", { type = "wait", ms = w:random(1, 50) })
            elseif kind == 4 then
                c:ask("n0", { type = "proxy", target = "n1", timeout_ms = 100,
                    inner = { type = "echo", echo = 2 } })
            elseif kind == 5 then
                c:refused("n0", { type = "dance" }, 10)
            else
                c:send("n0", { type = "echo", echo = "one way" })
                w:write("n0", "no message\n")
            end
            w:sleep(w:random(1, 30) / 1000)
        end

        -- A fresh life of n0 in which there have been so many envelopes: init, init_ok, pairs of an echo
        -- and its reply and, if the number is to be even, one message without reply.
        local function new_life(envelopes)
            w:sleep("1s")
            life_began = w:now()
            w:restart("n0")
            local left = envelopes - 2
            w:sleep("3ms")
            if left % 2 == 1 then c:send("n0", { type = "echo", echo = "one way" }) end
            for _ = 1, left // 2 do
                w:sleep("3ms")
                echo()
            end
        end

        w:step("the trace begins with init", function()
            w:sleep("25ms")
            check_trace(100, 3)
        end)

        w:step("messages of all kinds, in order, at their times", function()
            for _ = 1, 20 do something() end
            check_trace(100)
        end)

        w:step("only the last `limit` entries", function()
            for _, limit in ipairs { 1, 2, 17, 99 } do
                something()
                check_trace(limit)
            end
        end)

        w:step("the wall clock is set back by ten seconds", function()
            for _ = 1, 5 do
                something()
                w:clock("n0", { jump = "-10s" })
                something()
                check_trace(40)
            end
        end)

        for _, total in ipairs { 99, 100, 101, 102 } do
            w:step("after exactly " .. total .. " envelopes", function()
                new_life(total - 1)
                check_trace(1000, total)
            end)
        end

        w:step("after 1,000 envelopes", function()
            new_life(999)
            check_trace(1000000, 1000)
            check_trace(100)
            check_trace(3)
        end)
    end,
}
