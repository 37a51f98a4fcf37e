-- Task 9: links of 100 ms. News has to be everywhere quickly, and for fewer messages than flooding takes.

local common = require "common"

local NODES, RATE, SECONDS = 25, 100, 4      -- operations a second; half of them are reads

return task {
    nodes = NODES,
    latency = "100ms",
    seeds = 2,
    run = function(w)
        local c, topology, watch = w:client(), common.grid(w.nodes), nil
        common.set_mode(w, c, { mode = "fast" })
        common.set_topology(w, c, topology)

        w:step("100 operations a second, and every value is everywhere in the end", function()
            watch = common.watched_work(w, c, RATE, SECONDS, "calm", "2s")
        end)

        w:step("less than 30 messages an operation", function()
            w:expect_at_most("messages between nodes for each operation", common.between(w) / (RATE * SECONDS), 30)
        end)

        w:step("half of the values are everywhere within 400 ms, and all within 600 ms", function()
            common.judge_times(w, watch, 400, 600)
        end)

        w:step("2 s after the last of three cuts every value is everywhere", function()
            local over = false
            w:spawn(function() common.cut_often(w, 3) over = true end)
            local values = common.work(w, c, RATE, 3, "cut")
            w:await("the cuts are over", "10s", function() return over end)
            w:sleep("1700ms")
            common.all_hold_all(w, c, values)
        end)

        w:step("then nothing is repeated any more", function()
            w:sleep("2s")
            local before = common.between(w)
            w:sleep("4s")
            w:expect_at_most("messages between nodes in 4 s of silence", common.between(w) - before, 4 * 5 * NODES)
        end)
    end,
}
