-- rivals.lua: two nodes that never hear each other, and the rest between them, who forget.
--
-- What a majority decided stays decided because any two majorities share a node, and that node remembers. Programs
-- that get this wrong do so where two nodes act, neither knows of the other, and who heard both has lost what it
-- said to the first. It takes a cut and two or three deaths that fit each other, and chance seldom draws them one by one; so
-- here they are one:
--
--     a === witnesses === b     a witness that has sent a message of plan.on's type dies at once, and is back
--                               within moments; if none does so for a while, all die, for longer
--
-- A plan that has its moves is followed: the same waits, not the same times.
--
-- Tried and dropped: rivals that have the witnesses in turns. A witness that leads goes on leading; to cut off
-- whoever says something new (partition-news, faults.lua) makes leaders follow each other instead.

local sys, random, cues, processes = ...

local MS, SECOND = 1000000, 1000000000
local LONG_MIN_NS, LONG_MAX_NS = SECOND, 10 * SECOND
local PATIENCE_MIN_NS, PATIENCE_MAX_NS = 200 * MS, 1500 * MS
local DOWN_MIN_NS, DOWN_MAX_NS = MS, 100 * MS
local ALL_DOWN_MIN_NS, ALL_DOWN_MAX_NS = 50 * MS, 1000 * MS

-- Half of the times one of them is whoever is heard most.
local function draw_pair(w)
    local count, names = cues.node_count(w), array {}
    local first = random("nemesis", 2) == 1 and cues.busiest(w) or random("nemesis", count) - 1
    local second = (first + random("nemesis", math.max(1, count - 1))) % count
    names[1] = w.node_names[first + 1]
    if second ~= first then names[2] = w.node_names[second + 1] end
    return names
end

-- Their names; those of the plan that the run does not have are no rivals.
local function witnesses_of(w, pair)
    local names = array {}
    for node = 0, cues.node_count(w) - 1 do
        if node ~= pair[1] and node ~= pair[2] then names[#names + 1] = w.node_names[node + 1] end
    end
    return names
end

local function draw_death(plan)
    plan.on = plan.on or cues.draw_rare()
    return {
        patience_ns = cues.log_uniform(PATIENCE_MIN_NS, PATIENCE_MAX_NS),
        down_ns = cues.log_uniform(DOWN_MIN_NS, DOWN_MAX_NS),
        all_down_ns = cues.log_uniform(ALL_DOWN_MIN_NS, ALL_DOWN_MAX_NS),
    }
end

-- The witness that sent such a message; nil: none did in time.
local function await_witness(w, what, on, until_ns)
    while on do
        local node = cues.await(w, { type = on.type, at = "sender" }, 1, nil, until_ns)
        if node == nil or what.over then return nil end
        for _, witness in ipairs(what.nodes) do
            if witness == node then return node end
        end
    end
    sys.sleep_until(until_ns)
end

local function forget(w, what, plan)
    local given, i = plan.moves, 0
    plan.moves = given or array {}
    while true do
        i = i + 1
        if given and given[i] == nil then return end
        local move = given and given[i] or draw_death(plan)
        plan.moves[i] = move
        cues.grown(plan)
        local node = await_witness(w, what, plan.on, sys.now() + move.patience_ns)
        if what.over then return end
        processes.down_and_up(w, what, node and { node } or what.nodes,
            { down_ns = node and move.down_ns or move.all_down_ns })
        if what.over then return end
    end
end

return {
    watches = true,
    plan = function(w)
        return {
            nodes = draw_pair(w), on = cues.draw_rare(), for_ns = cues.log_uniform(LONG_MIN_NS, LONG_MAX_NS),
        }
    end,
    start = function(w, plan)
        local what, pair = { over = false, nodes = {} }, {}
        for _, name in ipairs(plan.nodes) do pair[#pair + 1] = w.node_numbers[name] end
        if #pair < 2 then return "nobody", what end
        sys.cut(pair[1], pair[2], true)
        sys.cut(pair[2], pair[1], true)
        what.nodes = processes.take(w, witnesses_of(w, pair))
        sys.spawn(forget, w, what, plan)
        return w:names(pair) .. " do not hear each other, and the rest die over and over", what
    end,
    stop = function(w, what)
        sys.heal()
        processes.stop(w, what)
    end,
}
