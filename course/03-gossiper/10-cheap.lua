-- Task 10: the same cluster, tuned the other way. Latency may double, traffic must fall.

local common = require "common"

local NODES = 25

local function story(rate, seconds, per_operation)
    return function(w)
        local c, watch = w:client(), nil
        common.set_mode(w, c, { mode = "cheap" })
        common.set_topology(w, c, common.grid(w.nodes))

        w:step("every value is everywhere in the end", function()
            watch = common.watched_work(w, c, rate, seconds, "calm", "2s", "200ms")
        end)

        if per_operation then
            w:step("less than " .. per_operation .. " messages an operation at " .. rate .. " a second", function()
                w:expect_at_most("messages between nodes for each operation", common.between(w) / (rate * seconds),
                    per_operation)
            end)
        end

        w:step("half of the values are everywhere within 1 s, and all within 2 s", function()
            common.judge_times(w, watch, 1000, 2000)
        end)

        w:step("in silence there is silence", function()
            w:sleep("2s")
            local before = common.between(w)
            w:sleep("4s")
            w:expect_at_most("messages between nodes in 4 s of silence", common.between(w) - before, 4 * 5 * NODES)
        end)
    end
end

return task {
    seeds = 2,
    part { name = "100 a second", nodes = NODES, latency = "100ms", run = story(100, 3, 20) },
    part { name = "1,000 a second", nodes = NODES, latency = "100ms", run = story(1000, 1, 4) },
    part { name = "10 a second", nodes = NODES, latency = "100ms", run = story(10, 3, nil) },
    part { name = "cuts", nodes = NODES, latency = "100ms", run = function(w)
        local c = w:client()
        common.set_mode(w, c, { mode = "cheap" })
        common.set_topology(w, c, common.grid(w.nodes))

        w:step("2 s after the last of three cuts every value is everywhere", function()
            local over = false
            w:spawn(function() common.cut_often(w, 3) over = true end)
            local values = common.work(w, c, 100, 3, "cut")
            w:await("the cuts are over", "10s", function() return over end)
            w:sleep("1700ms")
            common.all_hold_all(w, c, values)
        end)
    end },
}
