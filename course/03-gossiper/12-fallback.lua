-- Task 12: the tree of task 11, some of whose forwarders die, and one of which is only slow.

local common = require "common"

local NODES, PER_VALUE = 25, 60

-- Who of these has sent most since then.
local function busiest(w, nodes, since)
    local best, most
    for _, node in ipairs(nodes) do
        local sent = common.between(w, { from = node, since = since })
        if most == nil or sent > most then best, most = node, sent end
    end
    return best
end

local function to_whom(w, from, since)
    local others = {}
    for _, node in ipairs(w.nodes) do
        if node ~= from and common.between(w, { from = from, to = node, since = since }) > 0 then
            others[#others + 1] = node
        end
    end
    return others
end

return task {
    nodes = NODES,
    latency = "100ms",
    seeds = 2,
    run = function(w)
        local c, values, live = w:client(), {}, w.nodes
        common.set_mode(w, c, { mode = "tree" })
        common.set_topology(w, c, common.line(w.nodes))

        -- One value at a live node; 1.5 s later it must be on all of them.
        local function value_from(node)
            local value = "value " .. #values + 1
            values[#values + 1] = value
            common.broadcast(c, node, value)
            return value
        end
        local function arrives(value)
            w:sleep("1500ms")
            common.all_hold_all(w, c, { value }, live)
        end
        local function all_well(count)
            local before = common.between(w)
            for _ = 1, count do
                local value = value_from(w:pick(live))
                w:sleep("650ms")
                common.all_hold_all(w, c, { value })
                w:sleep("150ms")
            end
            w:expect_at_most("messages between nodes for each value", (common.between(w) - before) / count, PER_VALUE)
        end
        local function kill(node)
            local rest = {}
            w:kill(node)
            for _, name in ipairs(live) do
                if name ~= node then rest[#rest + 1] = name end
            end
            live = rest
        end
        local function other_than(...)
            local list, not_these = {}, {}
            for _, name in ipairs { ... } do not_these[name] = true end
            for _, name in ipairs(live) do
                if not not_these[name] then list[#list + 1] = name end
            end
            return w:pick(list)
        end

        local first, second, begun
        w:step("while all is well it is the tree of task 11", function()
            w:sleep("1s")
            begun = w:now()
            all_well(10)
        end)

        w:step("the busiest forwarder dies in the middle of a broadcast, and every live node has the value in 1.5 s", function()
            first = busiest(w, w.nodes, begun)
            second = busiest(w, to_whom(w, first, begun), begun)
            local value = value_from(other_than(first, second))
            w:sleep("150ms")
            kill(first)
            arrives(value)
            for _ = 1, 4 do arrives(value_from(w:pick(live))) end
        end)

        w:step("one of its neighbours dies as well, and every live node has the value in 1.5 s", function()
            local value = value_from(other_than(second))
            w:sleep("150ms")
            kill(second)
            arrives(value)
            for _ = 1, 3 do arrives(value_from(w:pick(live))) end
            common.all_hold_all(w, c, values, live)
        end)

        w:step("those who come back with nothing have everything within 3 s", function()
            for _, node in ipairs { first, second } do
                w:start(node)
                c:ask(node, { type = "mode", mode = "tree" }, common.AT_ONCE)
                c:ask(node, { type = "topology", topology = common.line(w.nodes) }, common.AT_ONCE)
            end
            live = w.nodes
            w:sleep("3s")
            common.all_hold_all(w, c, values)
        end)

        w:step("5 s later it is the tree of task 11 again", function()
            w:sleep("2s")
            all_well(10)
        end)

        w:step("a forwarder is slow for 5 s, and every other node has each value in 1.5 s", function()
            for _, other in ipairs(w:others(first)) do
                w:link(first, other, { latency = "700ms" })
                w:link(other, first, { latency = "700ms" })
            end
            live = w:others(first)
            for _ = 1, 3 do arrives(value_from(w:pick(live))) end
            for _, other in ipairs(w:others(first)) do
                w:link(first, other)
                w:link(other, first)
            end
            live = w.nodes
        end)

        w:step("5 s after the slow one is quick again, it is the tree of task 11 again", function()
            w:sleep("5s")
            common.all_hold_all(w, c, values)
            all_well(10)
        end)
    end,
}
