-- A node adds up what it is told; other nodes know nothing of it.
local common = require "common"

return task {
    seeds = 2,
    part {
        name = "one node",
        nodes = 1,
        run = function(w)
            local c = w:client()
            w:step("the total grows by each amount", function()
                local total = 0
                for _ = 1, 10 do
                    local amount = w:random(1, 100)
                    total = total + amount
                    w:expect("the total", common.add(c, "n0", amount), total)
                end
            end)
            w:step("amounts below zero count too", function()
                local before = common.add(c, "n0", 0)
                w:expect("the total", common.add(c, "n0", -5), before - 5)
            end)
        end,
    },
    part {
        name = "three nodes",
        nodes = 3,
        run = function(w)
            local c = w:client()
            w:step("each node has a total of its own", function()
                for i, node in ipairs(w.nodes) do
                    w:expect("the total", common.add(c, node, i), i)
                end
            end)
        end,
    },
}
