-- Task 11: a spanning tree that all nodes compute alike, whatever topology was given.

local common = require "common"

local NODES, VALUES, PER_VALUE, DEGREE = 25, 60, 60, 6

return task {
    nodes = NODES,
    latency = "100ms",
    seeds = 2,
    start = false,
    run = function(w)
        local c, begun = w:client(), 0

        w:step("every node starts, and hears of the members in an order of its own", function()
            w:all(w.nodes, function(node) w:start(node, { members = w:shuffle { table.unpack(w.nodes) } }) end)
            common.set_mode(w, c, { mode = "tree" })
            common.set_topology(w, c, common.line(w.nodes))
            w:sleep("1s")                        -- what was sent before the mode was known has passed
            begun = w:now()
        end)

        w:step("every value is everywhere within 650 ms", function()
            for i = 1, VALUES do
                common.broadcast(c, i <= NODES and w.nodes[i] or w:pick(w.nodes), "value " .. i)
                w:sleep("650ms")
                common.all_hold_all(w, c, { "value " .. i })
                w:sleep("150ms")
            end
        end)

        w:step("nobody sends to more than six others", function()
            for _, a in ipairs(w.nodes) do
                local others = array {}
                for _, b in ipairs(w.nodes) do
                    if common.between(w, { from = a, to = b, since = begun }) > 0 then table.insert(others, b) end
                end
                w:expect_at_most("to how many members " .. a .. " has sent something", #others, DEGREE)
            end
        end)

        w:step("a value costs at most 60 messages", function()
            w:expect_at_most("messages between nodes for each value", common.between(w) / VALUES, PER_VALUE)
        end)

        w:step("many values at once are everywhere within 650 ms, too", function()
            local values = {}
            for i = 1, 50 do
                values[i] = "crowd " .. i
                common.broadcast(c, w:pick(w.nodes), values[i])
            end
            w:sleep("650ms")
            common.all_hold_all(w, c, values)
        end)
    end,
}
