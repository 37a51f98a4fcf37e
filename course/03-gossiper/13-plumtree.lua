-- Task 13: Plumtree. The tree is found by the first values and repaired by announcements.

local common = require "common"

local NODES, NEIGHBOURS = 24, 5
local PAUSE = "300ms"                    -- so that one value is over when the next begins
local SLACK, SHAKEN = 1.25, 1.5          -- gossip messages for each node that has to be reached; after faults

-- A ring and three random pairings: each node has 5 neighbours, or one or two less where a pair came up twice.
local function random_topology(w)
    local topology, known = {}, {}
    for _, name in ipairs(w.nodes) do topology[name], known[name] = array {}, {} end
    local function join(a, b)
        if a == b or known[a][b] then return end
        known[a][b], known[b][a] = true, true
        table.insert(topology[a], b)
        table.insert(topology[b], a)
    end
    for i = 1, NODES do join(w.nodes[i], w.nodes[i % NODES + 1]) end
    for _ = 3, NEIGHBOURS do
        local mixed = w:shuffle { table.unpack(w.nodes) }
        for i = 1, NODES, 2 do join(mixed[i], mixed[i + 1]) end
    end
    return topology
end

-- Whether these nodes can all reach each other by links among themselves.
local function hangs_together(topology, nodes)
    local left = {}
    for _, name in ipairs(nodes) do
        left[name] = array {}
    end
    for _, name in ipairs(nodes) do
        for _, other in ipairs(topology[name]) do
            if left[other] then table.insert(left[name], other) end
        end
    end
    local reached = 0
    for _ in pairs(common.hops(left, nodes[1])) do reached = reached + 1 end
    return reached == #nodes
end

return task {
    nodes = NODES,
    latency = "20ms",
    seeds = 2,
    run = function(w)
        local c, topology, live, values = w:client(), random_topology(w), w.nodes, {}

        w:step("the nodes take the mode, and their neighbours", function()
            common.set_mode(w, c, { mode = "plumtree" })
            common.set_topology(w, c, topology)
            w:sleep("100ms")
        end)

        local function value_from_anybody()
            local value = "value " .. #values + 1
            values[#values + 1] = value
            common.broadcast(c, w:pick(live), value)
            w:sleep(PAUSE)
            return value
        end
        local function warm(count)
            for _ = 1, count do value_from_anybody() end
            w:sleep("500ms")
        end
        -- Values to nodes that are dead do not count.
        local function count(kind, since)
            return #w:sent { type = kind, from_kind = "node", since = since, where = function(m)
                for _, name in ipairs(live) do
                    if name == m.to then return true end
                end
                return false
            end }
        end
        local function judge_tree(values_count, slack)
            local since = w:now()
            for _ = 1, values_count do value_from_anybody() end
            w:sleep("500ms")
            w:expect_at_most("gossip messages for each value, with " .. #live .. " live nodes",
                count("gossip", since) / values_count, slack * (#live - 1))
            w:expect_at_most("graft messages for each value", count("graft", since) / values_count, 3)
        end

        w:step("the first 20 values are everywhere", function()
            for _ = 1, 20 do
                local value = value_from_anybody()
                w:sleep("200ms")
                common.all_hold_all(w, c, { value })
            end
        end)

        w:step("then a value costs at most 1.25 gossip messages for each other node", function()
            judge_tree(10, SLACK)
            common.all_hold_all(w, c, values)
        end)

        w:step("names are announced within 100 ms, on links that do not carry the value", function()
            local since = w:now()
            local value = value_from_anybody()
            w:sleep("200ms")
            local told, ids = 0, {}
            for _, m in ipairs(w:sent { type = "ihave", since = since, ["until"] = since + 0.25 }) do
                if type(m.body.ids) == "table" then told = told + #m.body.ids end
            end
            w:expect_at_least("ids in ihave messages after " .. json_text(value), told, NODES)
        end)

        w:step("three nodes die, and every live node has each value within 600 ms", function()
            local mixed, rest = nil, nil
            repeat
                mixed, rest = w:shuffle { table.unpack(w.nodes) }, {}
                for i = 4, NODES do rest[#rest + 1] = mixed[i] end
            until hangs_together(topology, rest)
            for i = 1, 3 do w:kill(mixed[i]) end
            live = rest
            for _ = 1, 6 do
                local value = value_from_anybody()
                w:sleep("300ms")
                common.all_hold_all(w, c, { value }, live)
            end
        end)

        w:step("20 values later it is nearly a tree again", function()
            warm(14)
            judge_tree(10, SHAKEN)
        end)

        w:step("although one message in twenty is lost, every live node has each value", function()
            local lost = {}
            w:loss(0.05)
            for i = 1, 20 do lost[i] = value_from_anybody() end
            w:loss(0)
            w:sleep("6s")
            common.all_hold_all(w, c, lost, live)
        end)

        w:step("20 values after the loss it is nearly a tree again", function()
            warm(20)
            judge_tree(10, SHAKEN)
            common.all_hold_all(w, c, values, live)
        end)
    end,
}
