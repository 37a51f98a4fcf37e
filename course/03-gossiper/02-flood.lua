-- Task 2: values travel along the edges of a topology: quickly, and over each edge once.

local common = require "common"

local VALUES, PAUSE_MS = 60, 20
local PER_EDGE = 4                     -- messages an edge and value: both directions, acknowledged
local TIMERS = 5                       -- messages a node a second that are nobody's business

-- Each node reads the value when it must have it: 10 ms for each link on the way, 60 ms on top.
local function follow(w, c, hops, value)
    local begun, rings = w:now(), {}
    for node, distance in pairs(hops) do
        rings[distance] = rings[distance] or {}
        table.insert(rings[distance], node)
    end
    for distance = 0, #rings do
        w:sleep_until(begun + ((distance + 1) * 10 + 50) / 1000)
        for _, node in ipairs(rings[distance]) do
            local held, _, call = common.read(w, c, node)
            if not held[value] then
                w:fail { what = "value " .. json_text(value) .. " on " .. node .. ", " .. distance ..
                    " links from where it was broadcast", expected = "there within " .. (distance + 1) * 10 + 50 ..
                        " ms", seen = "not there", about = call }
            end
        end
    end
end

local function budget(w, topology, values, from)
    return PER_EDGE * common.edges(topology) * values + math.ceil(TIMERS * #w.nodes * (w:now() - from))
end

local function story(shape)
    return function(w)
        local c, topology = w:client(), shape(w.nodes)
        common.set_topology(w, c, topology)

        w:step("one value crosses each edge once in each direction, at most", function()
            local from = w:now()
            common.broadcast(c, "n0", "first")
            for _ = 1, 30 do
                w:sleep("10ms")
                w:expect_at_most("messages between nodes for the first value", common.between(w),
                    budget(w, topology, 1, from))
            end
        end)

        w:step("every broadcast is acknowledged at once, and every value is everywhere in time", function()
            local jobs = {}
            for i = 1, VALUES do jobs[i] = i end
            w:all(jobs, function(i)
                w:sleep(i * PAUSE_MS / 1000)
                local node = w:pick(w.nodes)
                local value = i % 3 == 0 and "value " .. i or i
                common.broadcast(c, node, value)
                follow(w, c, common.hops(topology, node), value)
            end)
        end)

        w:step("60 values cost at most 4 messages an edge and value", function()
            w:sleep("1s")
            w:expect_at_most("messages between nodes", common.between(w), budget(w, topology, VALUES + 1, 0))
        end)

        w:step("neighbours talk, and nobody else", function()
            local strange = 0
            for _, node in ipairs(w.nodes) do
                local near = {}
                for _, neighbour in ipairs(topology[node]) do near[neighbour] = true end
                for _, other in ipairs(w.nodes) do
                    if not near[other] then strange = strange + common.between(w, { from = node, to = other }) end
                end
            end
            w:expect_at_most("messages between nodes that are no neighbours", strange,
                math.ceil(TIMERS * #w.nodes * w:now()))
        end)
    end
end

return task {
    seeds = 2,
    part { name = "grid", nodes = 25, latency = "10ms", run = story(common.grid) },
    part { name = "line", nodes = 25, latency = "10ms", run = story(common.line) },
    part { name = "tree", nodes = 25, latency = "10ms", run = story(common.tree4) },
}
