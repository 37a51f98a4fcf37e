-- Task 4: no topology, no repair. Each node tells a value to three members drawn by lot.

local common = require "common"

local NODES, ALONE, VALUES, FANOUT = 25, 20, 300, 3

return task {
    nodes = NODES,
    latency = "10ms",
    run = function(w)
        local c, values = w:client(), {}
        common.set_mode(w, c, { mode = "push" })
        w:sleep("1s")                            -- what was sent before the mode was known has passed

        local function broadcast(i)
            values[i] = "rumour " .. i
            common.broadcast(c, w:pick(w.nodes), values[i])
        end

        w:step("a node tells a value to three others, each of them once", function()
            for i = 1, ALONE do
                local from = w:now()
                broadcast(i)
                w:sleep("300ms")
                local told = {}
                for _, m in ipairs(w:sent { since = from, from_kind = "node", to_kind = "node" }) do
                    local mine = told[m.from] or { count = 0 }
                    told[m.from] = mine
                    mine.count = mine.count + 1
                    if m.to == m.from or mine[m.to] or mine.count > FANOUT then
                        w:fail { what = "whom " .. m.from .. " told of one value", expected = "3 other members",
                            seen = m.to == m.from and "itself" or mine[m.to] and m.to .. " twice" or
                                mine.count .. " messages", messages = { m } }
                    end
                    mine[m.to] = true
                end
            end
        end)

        w:step("a lone value reaches 85 % of the nodes, on average of 20", function()
            w:expect_at_least("nodes that a value reached, on average", common.held(w, c, values) / ALONE, 0.85 * NODES)
        end)

        w:step("300 values reach 90 % of the nodes, on average", function()
            for i = ALONE + 1, VALUES do
                broadcast(i)
                if i % 40 == 0 then w:sleep("10ms") end
            end
            w:sleep("1s")
            w:expect_at_least("nodes that a value reached, on average", common.held(w, c, values) / VALUES, 0.9 * NODES)
        end)

        w:step("a node sends at most 3 messages a value", function()
            w:expect_at_most("messages between nodes", common.between(w), FANOUT * NODES * VALUES)
        end)

        w:step("every node is drawn by every other, about equally often", function()
            local mean = common.between(w) / (NODES * (NODES - 1))
            for _, a in ipairs(w.nodes) do
                for _, b in ipairs(w:others(a)) do
                    w:expect_between("messages from " .. a .. " to " .. b .. " (the mean of all pairs is " ..
                        string.format("%.1f", mean) .. ")", common.between(w, { from = a, to = b }), 0.3 * mean, 2 * mean)
                end
            end
        end)
    end,
}
