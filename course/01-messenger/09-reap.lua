-- Task 9: calls that stay open. n1 answers as it is told, n2 never does; links take 10 ms.

local common = require "common"

local DEAD_CALLS = 10000

return task {
    nodes = 1,
    peers = 2,
    latency = "10ms",
    run = function(w)
        local c, book, tags = w:client(), common.book(), 0

        local function start(target, ttl_ms, client)
            tags = tags + 1
            return common.note(book, (client or c):begin("n0",
                { type = "start", target = target, ttl_ms = ttl_ms,
                tag = "t" .. tags, inner = { type = "echo", echo = tags } }))
        end

        local function expect_pending(low, high)
            local call = common.note(book, c:begin("n0", { type = "pending" }))
            local reply = common.is_ok(w, call, common.at_once(w, call))
            if high == nil then
                w:expect("the number of open calls", reply.count, low, call)
            else
                w:expect_between("the number of open calls", reply.count, low, high, call)
            end
        end

        -- The one done of a call: when it came and what it said.
        local function expect_done(call, outcome, ms, tolerance, reply)
            local m = call.member:receive((ms + tolerance) / 1000 - (w:now() - call.sent_at), function(m)
                return m.type == "done" and m.body.tag == call.body.tag
            end)
            if m == nil then
                w:fail { what = "done for " .. call.body.tag, about = call, seen = "none by then",
                    expected = outcome .. ", " .. ms .. " ms after start, at most " .. tolerance ..
                        " later" }
            end
            w:expect_between("milliseconds from start to done for " .. call.body.tag,
                common.ms(call.sent_at, m.received_at), ms - 5, ms + tolerance, { call, m })
            w:expect("the outcome of " .. call.body.tag, m.body.outcome, outcome, { call, m })
            w:expect("in_reply_to of done", m.body.in_reply_to, nil, m)
            w:expect("the answer that done brings", m.body.reply, reply, { call, m })
        end

        local function echo_ok(m) return { type = "echo_ok", echo = m.body.echo } end

        local function no_more_done(why)
            local m = c:receive(0, "done")
            if m ~= nil then
                w:fail { what = "done for " .. json_text(m.body.tag), expected = "no other: " .. why,
                    seen = "one more, " .. json_text(m.body.outcome), about = m }
            end
        end

        w:step("start is acknowledged at once, done brings the answer", function()
            w:play("n1", function(m, peer) peer:reply(m, echo_ok(m), "100ms") end)
            local call = start("n1", 1000)
            common.is_ok(w, call, common.at_once(w, call))
            expect_pending(1)
            expect_done(call, "reply", 120, 5, { type = "echo_ok", echo = tags })
            expect_pending(0)
        end)

        w:step("an error of the other node is an answer too", function()
            w:play("n1", function() return { type = "error", code = 11, text = "no" } end)
            expect_done(start("n1", 1000), "reply", 20, 5, { type = "error", code = 11, text = "no" })
        end)

        w:step("without an answer done comes when the time is over, though nothing else happens", function()
            local call = start("n2", 700)
            expect_done(call, "expired", 700, 100)
            expect_pending(0)
        end)

        w:step("an answer after the time to live causes no second done", function()
            for _, delay in ipairs { 400, 477, 700, 3000 } do
                w:play("n1", function(m, peer) peer:reply(m, echo_ok(m), delay / 1000) end)
                local call = start("n1", 500)
                if delay < 480 then
                    expect_done(call, "reply", 20 + delay, 5, { type = "echo_ok", echo = tags })
                else
                    expect_done(call, "expired", 500, 100)
                end
                w:sleep("4s")
                no_more_done("there was one")
                expect_pending(0)
            end
        end)

        w:step("an answer that comes twice causes one done", function()
            w:play("n1", function(m, peer)
                peer:reply(m, echo_ok(m))
                peer:reply(m, echo_ok(m), "5ms")
            end)
            expect_done(start("n1", 500), "reply", 20, 5, { type = "echo_ok", echo = tags })
            w:sleep("1s")
            no_more_done("there was one")
        end)

        w:step("the wall clock has no say: an hour ahead, two hours back", function()
            for _, jump in ipairs { "1h", "-2h", "1h" } do
                local call = start("n2", 1000)
                w:sleep("300ms")
                w:clock("n0", { jump = jump })
                w:sleep("200ms")
                expect_pending(1)
                expect_done(call, "expired", 1000, 100)
            end
        end)

        w:step("10,000 calls to a member that never answers", function()
            local client, due, since = w:client(), {}, w:now()
            for burst = 1, 50 do
                for _ = 1, DEAD_CALLS / 50 do
                    local ttl_ms = w:random(500, 5000)
                    start("n2", ttl_ms, client)
                    due[#due + 1] = w:now() + ttl_ms / 1000
                end
                if burst % 10 == 0 then w:clock("n0", { jump = w:pick { "1h", "-1h" } }) end
                w:sleep("10ms")
            end
            -- Open now are at least those whose time is not over, at most those whose time was over 100 ms
            -- ago.
            table.sort(due)
            local first, last = 1, 1
            while w:now() < since + 5.7 do
                while due[first] and due[first] <= w:now() + 0.001 do first = first + 1 end
                while due[last] and due[last] + 0.101 <= w:now() do last = last + 1 end
                expect_pending(#due - first + 1, #due - last + 1)
                w:sleep("100ms")
            end
            expect_pending(0)
            w:expect("done messages for " .. DEAD_CALLS .. " starts",
                w:count { to = client.name, type = "done" }, DEAD_CALLS, "n0")
        end)

        w:step("each start has exactly one done", function()
            w:sleep("5s")
            local count = {}
            for _, m in ipairs(w:sent { from = "n0", type = "done" }) do
                local tag = tostring(m.body.tag)
                count[tag] = (count[tag] or 0) + 1
                if count[tag] > 1 then
                    w:fail { what = "done for " .. tag, expected = "one", seen = "two", about = m }
                end
            end
            for i = 1, tags do w:expect("done messages for t" .. i, count["t" .. i] or 0, 1) end
        end)

        common.exactly_one_reply(w, book)
    end,
}
