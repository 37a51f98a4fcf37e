-- Task 13: repeats. The model is a true LRU of 1,000 requests with their replies.

local common = require "common"

local REMEMBERED = 1000

-- What the node must remember. Looking up counts as use; forgetting skips what was used again since.
local function new_model()
    local model = { total = 0, entries = {}, queue = {}, first = 1, count = 0 }

    local function use(key, entry)
        entry.place = #model.queue + 1
        model.queue[entry.place] = key
    end

    local function forget_oldest()
        while true do
            local place = model.first
            local key = model.queue[place]
            model.first = place + 1
            if model.entries[key] and model.entries[key].place == place then
                model.entries[key] = nil
                model.count = model.count - 1
                return
            end
        end
    end

    -- The total that the reply must bear.
    function model.apply(client, msg_id, amount)
        local key = client .. " " .. msg_id
        local entry = model.entries[key]
        if entry == nil then
            if model.count == REMEMBERED then forget_oldest() end
            model.total = model.total + amount
            entry = { total = model.total }
            model.entries[key] = entry
            model.count = model.count + 1
        end
        use(key, entry)
        return entry.total
    end

    return model
end

return task {
    nodes = 1,
    peers = 2,
    latency = "10ms",
    run = function(w)
        local model, clients = new_model(), { w:client(), w:client(), w:client() }
        local c = clients[1]

        local function begin(client, amount, msg_id)
            local call = client:begin("n0", { type = "tally", amount = amount, msg_id = msg_id })
            call.wanted = model.apply(client.name, call.msg_id, amount)
            return call
        end

        -- other: a call that may have been mixed up with this one.
        local function check(call, other)
            local reply = common.is_ok(w, call, common.at_once(w, call))
            w:expect("the total after " .. call.member.name .. "'s request " .. call.msg_id, reply.total,
                call.wanted, other and { other, call } or call)
            return call
        end

        -- A tally whose reply must be that of the model.
        local function tally(client, amount, msg_id) return check(begin(client, amount, msg_id)) end

        -- So many others, one after the other but without waiting in between.
        local function others(count)
            local calls = {}
            for i = 1, count do calls[i] = begin(clients[3], w:random(-50, 50)) end
            for _, call in ipairs(calls) do check(call) end
        end

        w:step("each request is added", function()
            for _ = 1, 5 do tally(c, w:random(1, 100)) end
        end)

        w:step("equal numbers of different clients are different requests", function()
            for id = 101, 110 do
                local other = tally(clients[1], w:random(1, 100), id)
                check(begin(clients[2], w:random(1, 100), id), other)
            end
        end)

        w:step("a repeat gets the first reply again, to the last byte", function()
            local first = tally(c, 7)
            for _ = 1, 3 do
                tally(clients[2], 5)
                local again = tally(c, 7, first.msg_id)
                w:expect("the body of the reply to the repeat", again.reply, first.reply, { first, again })
            end
        end)

        w:step("a repeat of a request in work is not carried out again", function()
            for _ = 1, 3 do
                local body = { type = "tally", amount = w:random(1, 100), wait_ms = 200,
                    msg_id = 9000 + w:random(1, 900) }
                local first = c:begin("n0", body)
                local wanted = model.apply(c.name, first.msg_id, body.amount)
                w:sleep("100ms")
                c:send("n0", body)
                local reply = common.is_ok(w, first, common.after(w, first, 200))
                w:expect("the total after the work", reply.total, wanted, first)
                w:sleep("500ms")
                for _, m in ipairs(first.replies) do
                    w:expect("each reply to the request and its repeat", m.body, reply, first)
                end
                tally(clients[2], 1)
            end
        end)

        w:step("after 999 other requests a repeat is still known", function()
            local first = tally(c, 1000)
            others(REMEMBERED - 1)
            tally(c, 1000, first.msg_id)
            tally(clients[2], 1)
        end)

        w:step("after 1,000 other requests it is forgotten and counts as new", function()
            local first = tally(c, 1000)
            others(REMEMBERED)
            tally(c, 1000, first.msg_id)
            tally(clients[2], 1)
        end)

        w:step("a request that is asked for again and again is never forgotten", function()
            local first = tally(c, 1000)
            for _ = 1, 4 do
                others(600)
                tally(c, 1000, first.msg_id)
            end
        end)

        w:step("random requests and repeats of three clients", function()
            local asked = {}
            for _ = 1, 30 do
                local calls = {}
                for i = 1, 60 do
                    local old = w:random(1, 3) == 1 and asked[w:random(1, math.max(1, #asked))]
                    calls[i] = old and begin(old.member, old.body.amount, old.msg_id) or
                        begin(w:pick(clients), w:random(-100, 100))
                end
                for _, call in ipairs(calls) do asked[#asked + 1] = check(call) end
            end
        end)

        w:step("a network that doubles three requests in ten and delays copies by up to 5 s", function()
            local sum = 0
            w:duplicate(0.3)
            w:reorder(0.3, "5s")
            local calls = {}
            for i = 1, 200 do
                local amount = w:random(1, 100)
                sum = sum + amount
                calls[i] = w:peer(w:pick { "n1", "n2" }):begin("n0", { type = "tally", amount = amount })
                w:sleep("5ms")
            end
            w:sleep("11s")
            w:duplicate(0)
            w:reorder(0)
            for _, call in ipairs(calls) do
                w:expect_at_least("replies to " .. call.member.name .. "'s request " .. call.msg_id,
                    #call.replies, 1, call)
                for _, m in ipairs(call.replies) do
                    w:expect("each reply to it", m.body, call.reply, call)
                end
            end
            local now = c:ask("n0", { type = "tally", amount = 0 }, common.AT_ONCE)
            w:expect("the total once all copies have arrived", now.total, model.total + sum, "n0")
        end)

        w:step("a relay that is repeated asks the other node only once", function()
            local since = w:now()
            w:play("n1", function(m, peer)
                peer:reply(m, { type = "echo_ok", echo = m.body.echo }, "100ms")
            end)
            local body = { type = "relay", target = "n1", timeout_ms = 300, attempts = 3, msg_id = 77777,
                inner = { type = "echo", echo = "once" } }
            local first = c:begin("n0", body)
            w:sleep("50ms")
            c:send("n0", body)
            common.is_ok(w, first, first:wait("1s") or {})
            local again = c:begin("n0", body)
            w:expect("the reply to the repeat", common.at_once(w, again), first.reply, { first, again })
            w:sleep("1s")
            w:expect("messages from n0 to n1", w:count { from = "n0", to = "n1", since = since }, 1, "n0")
        end)
    end,
}
