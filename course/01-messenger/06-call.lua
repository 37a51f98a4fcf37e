-- Task 6: the node asks. Members n1 and n2 are played here; links take 10 ms, so an answer needs 20.

local common = require "common"

return task {
    nodes = 1,
    peers = 2,
    latency = "10ms",
    run = function(w)
        local c, book = w:client(), common.book()
        local n1, n2 = w:peer("n1"), w:peer("n2")

        local function proxy(target, inner, timeout_ms, client)
            return common.note(book, (client or c):begin("n0",
                { type = "proxy", target = target, inner = inner, timeout_ms = timeout_ms }))
        end

        local function expect_reply(call, ms, body)
            local reply = common.is_ok(w, call, common.after(w, call, ms))
            w:expect("the answer that is passed on", reply.reply, body, call)
        end

        local function expect_timeout(call)
            common.is_error(w, call, common.after(w, call, call.body.timeout_ms), 0)
        end

        local function echo_ok(m) return { type = "echo_ok", echo = m.body.echo } end

        -- n1 answers each echo after so many milliseconds, none: not at all.
        local function answering_after(...)
            local delays, count = { ... }, 0
            w:play("n1", function(m, peer)
                count = count + 1
                local ms = delays[count]
                if ms then peer:reply(m, echo_ok(m), ms / 1000) end
            end)
        end

        w:step("a call ends with the answer of the node that was called", function()
            w:play("n1", function(m)
                local body = echo_ok(m)
                body.msg_id, body.extra = 4711, { from = "n1" }
                return body
            end)
            expect_reply(proxy("n1", { type = "echo", echo = "hi" }, 100), 20,
                { type = "echo_ok", echo = "hi", extra = { from = "n1" } })
            for _, m in ipairs(w:sent { from = "n0", to = "n1" }) do
                w:expect("what n0 asks n1", common.stripped(m.body), { type = "echo", echo = "hi" }, m)
                w:expect("the kind of number it has", math.type(m.body.msg_id), "integer", m)
            end
        end)

        w:step("an error of the other node is passed on with its code", function()
            for _, code in ipairs { 10, 11, 13, 22, 1000 } do
                w:play("n1", function() return { type = "error", code = code, text = "no" } end)
                local call = proxy("n1", { type = "echo", echo = 1 }, 100)
                common.is_error(w, call, common.after(w, call, 20), code)
            end
        end)

        w:step("no answer: error 0 when the time is up", function()
            w:play("n1", function() return nil end)
            expect_timeout(proxy("n1", { type = "echo", echo = 1 }, 250))
            local calls = {}
            for i = 1, 10 do calls[i] = proxy("n1", { type = "echo", echo = i }, 100 * i) end
            w:all(calls, expect_timeout)
        end)

        w:step("3 ms before the end an answer counts, 3 ms after it does not", function()
            answering_after(77, 83)
            local early, late = proxy("n1", { type = "echo", echo = "early" }, 100),
                proxy("n1", { type = "echo", echo = "late" }, 100)
            expect_reply(early, 97, { type = "echo_ok", echo = "early" })
            expect_timeout(late)
        end)

        w:step("a late answer changes nothing", function()
            answering_after(130, 60)
            local first = proxy("n1", { type = "echo", echo = "first" }, 100)
            expect_timeout(first)
            local second = proxy("n1", { type = "echo", echo = "second" }, 100)
            expect_reply(second, 80, { type = "echo_ok", echo = "second" })
            w:expect("replies to the call that had timed out", #first.replies, 1, first)
            common.echo(w, book, c, "n0")
        end)

        w:step("a second answer changes nothing", function()
            w:play("n1", function(m, peer)
                for i = 0, 2 do peer:reply(m, { type = "echo_ok", echo = i }, i * 0.004) end
            end)
            local calls = {}
            for i = 1, 5 do calls[i] = proxy("n1", { type = "echo", echo = i }, 100) end
            for _, call in ipairs(calls) do expect_reply(call, 20, { type = "echo_ok", echo = 0 }) end
            w:sleep("50ms")
        end)

        w:step("an answer counts only from the node that was called", function()
            w:play("n1", function(m, peer)
                n2:send("n0", { type = "echo_ok", echo = "forged", in_reply_to = m.body.msg_id })
                peer:reply(m, echo_ok(m), "20ms")
            end)
            expect_reply(proxy("n1", { type = "echo", echo = "true" }, 100), 40,
                { type = "echo_ok", echo = "true" })
        end)

        w:step("the node can ask itself", function()
            local call = proxy("n0", { type = "echo", echo = "me" }, 100)
            local reply = common.is_ok(w, call, call:wait("100ms") or {})
            w:expect("the answer that is passed on", reply.reply, { type = "echo_ok", echo = "me" }, call)
        end)

        w:step("100 calls at the same time, answered in reverse order", function()
            local held, calls = {}, {}
            w:play("n1", function(m, peer)
                held[#held + 1] = m
                if #held < 100 then return end
                for i = 100, 1, -1 do peer:reply(held[i], echo_ok(held[i]), (101 - i) / 1000) end
            end)
            for i = 1, 100 do
                calls[i] = proxy("n1", { type = "echo", echo = "call " .. i }, 500, i % 10 == 0 and
                    w:client() or c)
            end
            for _ = 1, 10 do
                common.echo(w, book, c, "n0")
                w:sleep("10ms")
            end
            for i = 100, 1, -1 do
                expect_reply(calls[i], 20 + 101 - i, { type = "echo_ok", echo = "call " .. i })
            end
        end)

        common.exactly_one_reply(w, book)
    end,
}
