-- Task 2: 64 are served, 32 wait, the others are told so at once; and no place is ever lost.

local common = require "common"

local SERVED, QUEUE = 64, 32

return task {
    nodes = 1,
    seeds = 2,
    network = { latency = "1ms" },
    run = function(w)
        local at, served, waiting

        local function is_served(s)
            s:send("x")
            w:sleep("4ms")
            return s:peek() ~= ""
        end

        -- The word is sent to all of them, and comes back from all.
        local function all_served(list, word)
            for _, s in ipairs(list) do s:send(word) end
            w:sleep("10ms")
            for i, s in ipairs(list) do
                common.receive(w, s, "the echo for number " .. i .. " of those who are served", word, "1ms")
            end
        end

        local function turned_away(s, what)
            local all, how = s:receive_all("10ms")
            w:expect("what " .. what .. " is told within 10 ms", all, "BUSY\n")
            w:expect("how that ends", how, "end")
            s:close()
        end

        w:step("64 are served", function()
            at = common.listen(w, { proto = "echo", max_conns = SERVED, queue = QUEUE })
            served = common.crowd(w, at, SERVED)
            all_served(served, "hello")
        end)

        w:step("32 more wait, and hear nothing", function()
            waiting = {}
            for i = 1, QUEUE do
                waiting[i] = common.connect(w, at)
                waiting[i]:send("number " .. i)
            end
            w:sleep("1s")
            for i, s in ipairs(waiting) do
                w:expect("what number " .. i .. " of the queue has heard", s:peek(), "")
                w:expect("its connection has ended", s.ended or s.broken or false, false)
            end
        end)

        w:step("all others are told BUSY within 10 ms", function()
            for i, s in ipairs(common.crowd(w, at, 100)) do turned_away(s, "newcomer " .. i) end
            all_served(served, "still here")
        end)

        w:step("places that fall free go to those who have waited longest", function()
            for i = 1, QUEUE // 2 do
                local leaver = table.remove(served, w:random(1, #served))
                if i % 2 == 0 then leaver:reset() else leaver:close() end
                common.receive(w, waiting[1], "the echo for number " .. i .. " of the queue, within 10 ms",
                    "number " .. i, "10ms")
                w:expect("what the next one has heard", waiting[2]:peek(), "")
                served[#served + 1] = table.remove(waiting, 1)
            end
        end)

        w:step("one that leaves the queue leaves a place there", function()
            local first = table.remove(waiting, 1)
            first:reset()
            w:sleep("5ms")
            for i = 1, QUEUE // 2 + 1 do
                local s = common.connect(w, at)
                w:sleep("3ms")
                w:expect("what newcomer " .. i .. " for the queue has heard", s:peek(), "")
                waiting[#waiting + 1] = s
            end
            turned_away(common.connect(w, at), "the next newcomer")
            table.remove(served, 1):close()
            common.receive(w, waiting[1], "the echo for the one behind the leaver",
                "number " .. QUEUE // 2 + 2, "10ms")
            served[#served + 1] = table.remove(waiting, 1)
        end)

        w:step("2,000 connects and resets lose no place", function()
            for _, s in ipairs(served) do s:reset() end
            for _, s in ipairs(waiting) do s:reset() end
            w:sleep("10ms")
            for round = 1, 20 do
                local all = common.crowd(w, at, 100)
                for i, s in ipairs(all) do
                    if round % 3 == 0 and not s.ended then s:send("x") end
                    if i % 5 == 0 then s:close() else s:reset() end
                end
                w:sleep(w:random(0, 4) / 1000)
            end
            w:sleep("20ms")
            served = common.crowd(w, at, SERVED)
            all_served(served, "all 64 of us")
            local next = common.connect(w, at)
            w:expect("a 65th is served", is_served(next), false)
        end)
    end,
}
