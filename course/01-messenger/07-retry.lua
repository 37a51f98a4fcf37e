-- Task 7: several attempts of one call. n1 is played here; links take 10 ms.

local common = require "common"

return task {
    nodes = 1,
    peers = 1,
    latency = "10ms",
    run = function(w)
        local c, book = w:client(), common.book()

        local function relay(attempts, timeout_ms)
            return common.note(book, c:begin("n0", { type = "relay", target = "n1",
                timeout_ms = timeout_ms or 100,
                attempts = attempts, inner = { type = "echo", echo = w:random(1, 1000000) } }))
        end

        local function echo_ok(m) return { type = "echo_ok", echo = m.body.echo } end
        local function refusal(code) return { type = "error", code = code, text = "no" } end

        -- n1 does answers[k] with the k-th message that it gets from now on: a code to refuse with, a
        -- number of milliseconds after which to answer ("130ms"), true to answer at once, false to be
        -- silent.
        local function answering(answers)
            local count = 0
            w:play("n1", function(m, peer)
                count = count + 1
                local what = answers[count]
                if what == nil then what = answers.rest end
                if not what then return nil end
                if type(what) == "string" then return peer:reply(m, echo_ok(m), what) end
                return what == true and echo_ok(m) or refusal(what)
            end)
        end

        local function attempts_of(call)
            return w:sent { from = "n0", to = "n1", since = call.sent_at }
        end

        -- So many attempts, at their times, and all of them the same message.
        local function check_attempts(call, count)
            local sent = attempts_of(call)
            w:expect("attempts", #sent, count, call)
            for k, m in ipairs(sent) do
                w:expect_near("milliseconds from the request to attempt " .. k,
                    common.ms(call.sent_at, m.sent_at), (k - 1) * call.body.timeout_ms, 4 + k, call)
                w:expect("the body of attempt " .. k .. ", msg_id included", m.body, sent[1].body, call)
            end
        end

        local function expect_reply(call, ms)
            local reply = common.is_ok(w, call, common.after(w, call, ms, ms // 100))
            w:expect("the answer that is passed on", reply.reply,
                { type = "echo_ok", echo = call.body.inner.echo }, call)
        end

        w:step("one attempt is enough when it is answered", function()
            answering { true }
            local call = relay(5)
            expect_reply(call, 20)
            w:sleep("1s")
            check_attempts(call, 1)
        end)

        w:step("silence is followed by the next attempt, under the same msg_id", function()
            answering { false, false, true }
            local call = relay(5)
            expect_reply(call, 220)
            w:sleep("1s")
            check_attempts(call, 3)
        end)

        w:step("an answer to an earlier attempt is welcome", function()
            answering { "130ms", false, false }
            local call = relay(3)
            expect_reply(call, 150)
            w:sleep("1s")
            check_attempts(call, 2)
        end)

        w:step("after error 11 the next attempt leaves at its usual time", function()
            answering { 11, 11, true }
            local call = relay(5)
            expect_reply(call, 220)
            check_attempts(call, 3)
        end)

        w:step("other errors are final", function()
            for _, code in ipairs { 10, 12, 20, 22 } do
                answering { code, rest = true }
                local call = relay(5)
                common.is_error(w, call, common.after(w, call, 20), code)
                w:sleep("1s")
                check_attempts(call, 1)
            end
        end)

        w:step("when all attempts stay unanswered: error 0 at the end", function()
            answering { rest = false }
            for _, attempts in ipairs { 1, 2, 7 } do
                local call = relay(attempts, 150)
                common.is_error(w, call, common.after(w, call, attempts * 150, attempts), 0)
                w:sleep("1s")
                check_attempts(call, attempts)
            end
        end)

        w:step("when all are refused with 11: error 11", function()
            answering { rest = 11 }
            local call = relay(4)
            local reply, at = call:wait("409ms")
            common.is_error(w, call, reply or {}, 11)
            w:expect_between("milliseconds until the end", common.ms(call.sent_at, at), 315, 409, call)
            w:sleep("1s")
            check_attempts(call, 4)
        end)

        w:step("one silent attempt among refusals may have had its effect: error 0", function()
            for silent = 1, 3 do
                answering { silent ~= 1 and 11, silent ~= 2 and 11, silent ~= 3 and 11 }
                local call = relay(3)
                common.is_error(w, call, common.after(w, call, 300, 3), 0)
            end
        end)

        w:step("300 relays of 8 attempts over links that lose 30 %", function()
            answering { rest = true }
            w:loss(0.3)
            local since, calls, fine = w:now(), {}, 0
            for i = 1, 300 do calls[i] = relay(8) end
            w:sleep("1s")
            w:loss(0)
            for _, call in ipairs(calls) do
                if call.reply and call.reply.type == "relay_ok" then fine = fine + 1 end
            end
            w:expect_at_least("relays of 300 that succeed", fine, 291)
            w:expect_at_most("attempts of all of them", w:count { from = "n0", to = "n1", since = since },
                2400)
        end)

        common.exactly_one_reply(w, book)
    end,
}
