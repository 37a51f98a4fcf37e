-- Task 10: links that work in one direction, or between some. Whoever is linked both ways to a majority can
-- lead, and somebody must.

local common = require "common"

local CHANGES = 16

local function cluster(w)
    local cuts = {}                                     -- cuts[from][to]

    local function linked(a, b)
        return a == b or not ((cuts[a] or {})[b] or (cuts[b] or {})[a])
    end

    -- Nodes that are linked both ways to a majority.
    local function able()
        local list = {}
        for _, a in ipairs(w.nodes) do
            local count = 0
            for _, b in ipairs(w.nodes) do count = count + (linked(a, b) and 1 or 0) end
            if count > #w.nodes // 2 then list[#list + 1] = a end
        end
        return list
    end

    local function cut(from, to)
        cuts[from] = cuts[from] or {}
        cuts[from][to] = true
    end

    local function top_term()
        local top = 0
        for _, node in ipairs(w.nodes) do top = math.max(top, common.state(w, node).term) end
        return top
    end

    -- Puts these cuts into the place of the last ones; judges who leads 2 s later, and 1 s later whether it
    -- still does.
    local function change(name)
        local text = {}
        w:heal()
        for from, row in pairs(cuts) do
            for to in pairs(row) do
                w:cut(from, to)
                text[#text + 1] = from .. ">" .. to
            end
        end
        w:tell("%s: %s", name, #text > 0 and "cut " .. table.concat(text, " ") or "all links are whole")
        local before = top_term()
        w:sleep("2s")
        local candidates, leaders = able(), common.leaders(w, w.nodes)
        w:expect("nodes that lead, 2 s after the change; able to: " .. table.concat(candidates, " "),
            #leaders, #candidates > 0 and 1 or 0)
        if #leaders > 0 then
            local leader, term = leaders[1].node, leaders[1].term
            w:expect(leader .. " is linked both ways to a majority",
                #common.without(candidates, leader) < #candidates, true)
            w:sleep("1s")
            common.expect_state(w, leader, "leader", term, leader)
        else
            w:sleep("1s")
        end
        return top_term() - before
    end

    local function whole()
        cuts = {}
        change("healed")
        return common.leaders(w, w.nodes)[1].node
    end

    w:step("a follower that hears nobody and is heard by all does not disturb", function()
        for _ = 1, 2 do
            local leader = whole()
            local deaf = w:pick(w:others(leader))
            for _, node in ipairs(w:others(deaf)) do cut(node, deaf) end
            w:expect("terms used", change("deaf follower"), 0)
            common.expect_state(w, leader, "leader", common.state(w, leader).term, leader)
        end
    end)

    w:step("a leader that is heard by all and hears nobody is replaced within 2 s", function()
        for _ = 1, 2 do
            local leader = whole()
            for _, node in ipairs(w:others(leader)) do cut(node, leader) end
            change("deaf leader")
        end
    end)

    w:step("two halves that one node joins keep one leader", function()
        for _ = 1, 2 do
            whole()
            local n = w:shuffle(common.without(w.nodes))
            for _, a in ipairs { n[1], n[2] } do
                for _, b in ipairs { n[4], n[5] } do
                    cut(a, b)
                    cut(b, a)
                end
            end
            w:expect_at_most("terms used", change("bridge"), 3)
        end
    end)

    w:step("a ring, in which each sees a majority and no two the same one, keeps one leader", function()
        for _ = 1, 2 do
            whole()
            local n = w:shuffle(common.without(w.nodes))
            for i = 1, 5 do
                cut(n[i], n[(i + 1) % 5 + 1])
                cut(n[(i + 1) % 5 + 1], n[i])
            end
            w:expect_at_most("terms used", change("ring"), 3)
        end
    end)

    w:step("a star: the only node with a majority leads within 2 s", function()
        for _ = 1, 2 do
            local leader = whole()
            local centre = w:pick(w:others(leader))
            for _, a in ipairs(w:others(centre)) do
                for _, b in ipairs(w:others(centre)) do
                    if a ~= b then cut(a, b) end
                end
            end
            w:expect_at_most("terms used", change("star"), 3)
        end
    end)

    w:step("whatever links are cut, somebody leads within 2 s if somebody can, and stays", function()
        local used = 0
        for _ = 1, CHANGES do
            local chance = w:pick { 0.1, 0.2, 0.3, 0.4 }
            cuts = {}
            for _, a in ipairs(w.nodes) do
                for _, b in ipairs(w.nodes) do
                    if a ~= b and w:random() < chance then cut(a, b) end
                end
            end
            used = used + change("cut by chance")
        end
        w:expect_at_most("terms used, a change of links", used / CHANGES, 3)
    end)
    common.safety(w)
end

return task {
    nodes = 5,
    latency = "5ms",
    seeds = 2,
    run = cluster,
}
