-- Task 4: who is silent is asked; who does not answer is gone.

local common = require "common"

local IDLE, LIMIT = 1, 4 -- seconds

return task {
    nodes = 1,
    seeds = 2,
    network = { latency = "1ms" },
    run = function(w)
        local at

        -- Answers each ping so much later, with the number that wrong() makes of it; notes when pings came.
        local function answers(s, delay, wrong)
            local pings = {}
            w:spawn(function()
                while true do
                    local line = s:receive_line("60s")
                    if line == nil then return end
                    local n = line:match("^PING (%d+)$")
                    pings[#pings + 1] = { line = line, at = w:now() }
                    w:sleep(delay)
                    if s.ended or s.broken or s.closed then return end
                    if n then s:send("PONG " .. (wrong and wrong(n) or n) .. "\n") end
                end
            end)
            return pings
        end

        -- The server must close it so long after its last byte arrived there.
        local function closed_after(s, last, what)
            while not (s.ended or s.broken) and w:now() < last + LIMIT + 1 do w:sleep("10ms") end
            if not (s.ended or s.broken) then
                w:fail { what = what .. " is closed", expected = LIMIT .. " s after its last byte",
                    seen = "still open " .. string.format("%.3f", w:now() - last) .. " s after it" }
            end
            w:expect_near("seconds from the last byte of " .. what .. " to its close", s.ended_at - last, LIMIT + 0.002, 0.05)
        end

        w:step("lines are echoed", function()
            at = common.listen(w, { proto = "alive", idle_ms = 1000, misses = 3 })
            local s = common.connect(w, at)
            s:send_pieces("one\ntwo\n\nthree\n", 1, "1ms")
            common.receive(w, s, "the echo", "one\ntwo\n\nthree\n")
            s:close()
        end)

        w:step("who is busy is not asked", function()
            local lines, drops = common.connect(w, at), common.connect(w, at)
            for i = 1, 20 do
                lines:send("line " .. i .. "\n")
                drops:send(".")
                w:sleep(i % 3 == 0 and 0.99 or w:random(100, 900) / 1000)
            end
            local seen, count = lines:peek(), 0
            for line in seen:gmatch("[^\n]+") do
                count = count + 1
                w:expect("the next line", line, "line " .. count)
            end
            w:expect("echoed lines", count, 20)
            w:expect("what somebody who sends a line byte by byte was told", drops:peek(), "")
            lines:close()
            drops:close()
        end)

        w:step("silence is asked about each second, and ends after four", function()
            local s = common.connect(w, at)
            w:sleep(w:random(10, 900) / 1000)
            s:send("last words\n")
            local last = w:now()
            common.receive(w, s, "the echo", "last words\n")
            local numbers = {}
            for i = 1, 3 do
                local line = s:receive_line("2s") or "nothing"
                w:expect_near("seconds from the last byte to ping " .. i, w:now() - last, i * IDLE + 0.002, 0.05)
                local n = line:match("^PING (%d+)$")
                w:expect("it says PING and a number, instead of " .. common.shown(line), n ~= nil, true)
                w:expect("this number was used before", numbers[n] or false, false)
                numbers[n] = true
            end
            closed_after(s, last, "a silent peer")
        end)

        w:step("each of many silent peers has a time of its own", function()
            local all = {}
            for i = 1, 40 do
                local s = common.connect(w, at)
                s:send("number " .. i .. "\n")
                all[i] = { socket = s, last = w:now() }
                w:sleep(w:random(5, 60) / 1000)
            end
            for i, each in ipairs(all) do closed_after(each.socket, each.last, "number " .. i) end
        end)

        w:step("who answers late, but in time, is never closed", function()
            local s = common.connect(w, at)
            local pings = answers(s, "900ms")
            w:sleep("60s")
            w:expect("the connection has ended", s.ended or s.broken or false, false)
            w:expect_between("pings in a minute", #pings, 25, 35)
            local quick = common.connect(w, at)
            pings = answers(quick, "1ms")
            w:sleep("20s")
            w:expect("the other one has ended", quick.ended or quick.broken or false, false)
            w:expect_between("pings in 20 seconds", #pings, 18, 20)
            s:close()
            quick:close()
        end)

        w:step("a PONG with another number is no answer", function()
            local s = common.connect(w, at)
            s:send("x\n")
            local last = w:now()
            answers(s, "100ms", function(n) return n + 1 end)
            closed_after(s, last, "somebody who answers with wrong numbers")
            s = common.connect(w, at)
            s:send("x\n")
            last = w:now()
            answers(s, "1200ms") -- each PONG comes after the next PING has left
            closed_after(s, last, "somebody who answers only the last but one")
        end)

        w:step("any line takes back the misses", function()
            local s = common.connect(w, at)
            s:send("x\n")
            w:sleep("3500ms")
            s:send("still here\n")
            local last = w:now()
            closed_after(s, last, "somebody who spoke up after three pings")
        end)

        w:step("the wall clock has no say", function()
            local s, silent = common.connect(w, at), common.connect(w, at)
            answers(s, "1ms")
            silent:send("x\n")
            local last = w:now()
            w:sleep("500ms")
            w:clock("n0", { jump = "1h" })
            w:sleep("1s")
            w:clock("n0", { jump = "-2h" })
            closed_after(silent, last, "a silent peer")
            silent = common.connect(w, at)
            silent:send("x\n")
            last = w:now()
            w:sleep("500ms")
            w:clock("n0", { jump = "-1h" })
            closed_after(silent, last, "a silent peer, after the clock went back,")
            w:expect("somebody who answers has ended", s.ended or s.broken or false, false)
        end)
    end,
}
