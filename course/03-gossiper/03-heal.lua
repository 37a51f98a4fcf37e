-- Task 3: one message in ten is lost, and for ten seconds the net is cut in two.

local common = require "common"

local RATE = 20                        -- values a second
local CUT, HEALED, LAST = 5, 15, 17.5  -- seconds
local SIDES = { { "n0", "n1" }, { "n2", "n3", "n4" } }
local REPEATS, TIMERS = 10, 5          -- a second: of an edge; of a node

return task {
    nodes = 5,
    latency = "10ms",
    limit = "60s",
    run = function(w)
        local c, topology = w:client(), common.line(w.nodes)
        local values, sent, next_value, begun = {}, {}, 0, 0

        -- Broadcasts until `till` seconds of the story have passed.
        local function go_on(till)
            while w:now() - begun < till do
                next_value = next_value + 1
                local node = w:pick(w.nodes)
                common.broadcast(c, node, next_value)
                values[next_value], sent[node] = next_value, (sent[node] or 0) + 1
                w:sleep(1 / RATE)
            end
        end

        common.set_topology(w, c, topology)
        begun = w:now()
        w:loss(0.1)

        w:step("values get through although one message in ten is lost", function()
            go_on(CUT - 2)
            local early = { table.unpack(values) }
            go_on(CUT)
            common.all_hold_all(w, c, early)
        end)

        local edges = {}
        w:step("while the net is cut every broadcast is acknowledged at once", function()
            for _, a in ipairs(SIDES[1]) do
                for _, b in ipairs(topology[a]) do
                    if b ~= "n0" and b ~= "n1" then
                        edges[#edges + 1] = { a, b, SIDES[1] }
                        edges[#edges + 1] = { b, a, SIDES[2] }
                    end
                end
            end
            for _, edge in ipairs(edges) do edge.before = common.between(w, { from = edge[1], to = edge[2] }) end
            sent = {}
            w:partition(SIDES)
            go_on(HEALED)
        end)

        w:step("a cut link carries one message a value and 10 repeats a second, at most", function()
            for _, edge in ipairs(edges) do
                local fresh = 0
                for _, node in ipairs(edge[3]) do fresh = fresh + (sent[node] or 0) end
                local count = common.between(w, { from = edge[1], to = edge[2] }) - edge.before
                w:expect_at_most("messages from " .. edge[1] .. " to " .. edge[2] .. " in 10 s, for " .. fresh ..
                    " values", count, fresh + (HEALED - CUT) * (REPEATS + TIMERS))
            end
        end)

        w:step("2 s after the healing every node has all values of before", function()
            w:heal()
            local old = { table.unpack(values) }
            go_on(HEALED + 2)
            common.all_hold_all(w, c, old)
        end)

        w:step("at the end every node has every value", function()
            go_on(LAST)
            w:sleep("2s")
            common.all_hold_all(w, c, values)
        end)

        w:step("when all is acknowledged, nothing is repeated", function()
            w:loss(0)
            w:sleep("1s")
            local before = common.between(w)
            w:sleep("4s")
            w:expect_at_most("messages between nodes in 4 s of silence", common.between(w) - before,
                4 * TIMERS * #w.nodes)
        end)
    end,
}
