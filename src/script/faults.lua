-- faults.lua: what `--nemesis` can do to a run. docs/faults.md describes each for users.
--
-- A fault is a row of the table that this file gives. plan(w) draws what it will do, as a table that can
-- be written as JSON and names its nodes: a run is repeated, and made smaller, from such plans (decide.lua).
-- start(w, plan) makes the trouble and gives a text for people and what stop(w, what) needs to undo it;
-- prelude.lua decides when. A plan with a cue begins with a message instead (cue.lua). Nodes of a plan that
-- the run does not have are passed over. A node has one
-- fault of its process, and one of its clocks, at a time: whoever takes the node holds it until stop. All
-- draws are from the stream "nemesis".

local sys, random, clock, cues = ...
local raw_format, log_uniform = string.format, cues.log_uniform

local faults = {}

local node_count, busiest = cues.node_count, cues.busiest_since

-- So many nodes that nobody holds, by name; held is w.held (processes) or w.clock_held.
local function draw_nodes(w, count, held)
    local free = {}
    for node = 0, node_count(w) - 1 do
        if held[node] == nil then free[#free + 1] = node end
    end
    for i = #free, 2, -1 do
        local j = random("nemesis", i)
        free[i], free[j] = free[j], free[i]
    end
    if count == 1 and random("nemesis", 2) == 1 then
        local first = cues.busiest(w)
        if first ~= nil and held[first] == nil then free[1] = first end
    end
    local drawn = {}
    for i = 1, math.min(count, #free) do drawn[i] = free[i] end
    table.sort(drawn)
    local names = array {}
    for i, node in ipairs(drawn) do names[i] = w.node_names[node + 1] end
    return names
end

-- The one name of a list that comes up most in it, in any place of its pairs.
local function most_named(links)
    local counts, best = {}, nil
    for _, link in ipairs(links) do
        for _, name in ipairs(link) do
            counts[name] = (counts[name] or 0) + 1
            if best == nil or counts[name] > counts[best] then best = name end
        end
    end
    return best
end

-- A plan with `aim` was made for a run with another leader: it is turned to the node that is heard most
-- now, and says so from then on. In a partition the two change places. A cue has found its node.
local function take_aim(w, plan)
    local node = plan.aim and not plan.cue and busiest(w, {})
    plan.aim = nil
    if not node then return end
    local name = w.node_names[node + 1]
    if plan.links then
        local other = most_named(plan.links)
        local swap = { [name] = other, [other or name] = name }
        for i, link in ipairs(plan.links) do
            plan.links[i] = array { swap[link[1]] or link[1], swap[link[2]] or link[2] }
        end
    elseif plan.nodes then
        for _, taken in ipairs(plan.nodes) do
            if taken == name then return end
        end
        plan.nodes[1] = name
    end
end

-- Those of a plan that are there and that nobody holds, as numbers.
local function take_nodes(w, names, held)
    local taken = {}
    for _, name in ipairs(names) do
        local node = w.node_numbers[name]
        if node ~= nil and held[node] == nil then
            taken[#taken + 1] = node
            held[node] = true
        end
    end
    return taken
end

local function release_nodes(nodes, held)
    for _, node in ipairs(nodes) do held[node] = nil end
end

-- One node, a minority, a majority or all of them.
local function some_count(w)
    local n = node_count(w)
    local sizes = { 1, math.max(1, (n - 1) // 2), n // 2 + 1, n }
    return sizes[random("nemesis", #sizes)]
end

local PARTITIONS = { "one", "halves", "majority", "minority-third", "one-way", "bridge", "ring" }

-- The links as a text: "n0 -/-> n1 n2, n1 -/-> n0".
local function cut_text(w, cuts)
    local lines, text = {}, {}
    for _, cut in ipairs(cuts) do
        lines[cut[1]] = lines[cut[1]] or {}
        table.insert(lines[cut[1]], w.node_names[cut[2] + 1])
    end
    for from, names in pairs(lines) do
        text[#text + 1] = w.node_names[from + 1] .. " -/-> " .. table.concat(names, " ")
    end
    return table.concat(text, ", ")
end

local MS, SECOND = 1000000, 1000000000

-- A hunt is for one node after the other. Some look after a while for whoever was heard most; some strike as soon
-- as somebody has said a few things: a leader falls with its first entries, before all have them; some
-- take anybody who has said one or two things, such as a voter that has just voted; some go by messages of one
-- type (plan.on, cue.lua); and some by news.
local LOOK_MIN_NS, LOOK_MAX_NS = 50 * MS, SECOND
local PEEK_NS, PEEKS_MAX = 10 * MS, 200
local NEWS_MAX, NEWS_PATIENCE_MIN_NS, NEWS_PATIENCE_MAX_NS = 6, 200 * MS, 1500 * MS
local FEW_WORDS = { ["at once"] = 6, anybody = 2 }

-- By a message of plan.on, or after a while by who is heard most. A move that was given knows which it was.
local function await_word(w, what, plan, move, heard, last)
    local began_ns, node = sys.now(), nil
    move.nth, move.wait_ns = move.nth or cues.draw_nth(), move.wait_ns or cues.draw_wait()
    move.patience_ns = move.patience_ns or cues.draw_patience()
    node = cues.await(w, plan.on, move.nth, last, began_ns + move.patience_ns)
    if node then sys.sleep_until(sys.now() + move.wait_ns) else node = busiest(w, heard) end
    return not what.over and node or nil
end

-- By what a node says for the first time since the last strike: it asks for votes, it leads, it follows, it answers a
-- client again. These are the moments at which roles change and promises are made, whatever the messages are called; a
-- type that is drawn is mostly the wrong one for such a chain. Half of the strikes are for who answers a client.
-- Tried and dropped: types drawn for each strike. Raft that commits entries of old terms lost a committed one in 0 to 1 of
-- 60 runs with them, in 6 by news, and in 17 since refusals are no news.
local function await_news(w, what, plan, move, heard, last)
    local patience_ns = move.patience_ns or log_uniform(NEWS_PATIENCE_MIN_NS, NEWS_PATIENCE_MAX_NS)
    if move.nth == nil then
        move.answers = random("nemesis", 2) == 1
        move.nth = move.answers and 1 or random("nemesis", NEWS_MAX)
        move.at = (move.answers or random("nemesis", 2) == 1) and "sender" or "receiver"
        move.wait_ns, move.patience_ns = cues.draw_wait(), patience_ns
    end
    local from, to = sys.await_news(move.answers, move.nth, sys.now() + patience_ns, last)
    if from then sys.sleep_until(sys.now() + move.wait_ns) end
    local first = busiest(w, heard)
    if what.over then return nil end
    return from and (move.at == "receiver" and to < node_count(w) and to or from) or first
end

-- Sleeps until it is time to strike, or what.over. Gives the node, or nil.
local function await_prey(w, what, plan, heard, last)
    if plan.hunt == "now and then" then
        sys.sleep_until(sys.now() + log_uniform(LOOK_MIN_NS, LOOK_MAX_NS))
        return not what.over and busiest(w, heard) or nil
    end
    local words = 1 + random("nemesis", FEW_WORDS[plan.hunt])
    for _ = 1, PEEKS_MAX do
        sys.sleep_until(sys.now() + PEEK_NS)
        if what.over then return nil end
        local any = {}
        for node = 0, node_count(w) - 1 do
            if sys.heard(node) - (heard[node] or 0) >= words then any[#any + 1] = node end
        end
        if #any > 0 then
            local first = busiest(w, heard)
            if plan.hunt == "anybody" then return any[random("nemesis", #any)] end
            if first ~= last then return first end
        end
    end
end

-- Calls strike(node, move) for one node after the other until what.over. When and whom is drawn as it goes and
-- kept in the plan; one that has it already is followed.
local function hunt(w, what, plan, strike)
    local given, heard, i, last = plan.moves, {}, 0, nil
    plan.moves = given or array {}
    busiest(w, heard)
    if plan.hunt == "news" then sys.watch() end
    while true do
        i = i + 1
        if given and given[i] == nil then return end
        local move = given and given[i] or {}
        local began_ns, node = sys.now(), nil
        if plan.on or plan.hunt == "news" then
            node = (plan.on and await_word or await_news)(w, what, plan, move, heard, last)
            move.node = node and w.node_names[node + 1] or null
        elseif given then
            sys.sleep_until(began_ns + move.after_ns)
        else
            node = await_prey(w, what, plan, heard, last)
            move.after_ns, move.node = sys.now() - began_ns, node and w.node_names[node + 1] or null
        end
        if what.over then return end
        plan.moves[i] = move
        cues.grown(plan)
        last = w.node_numbers[move.node]
        if last ~= nil then strike(last, move) end
    end
end

local NEWS_MIN_NS, NEWS_MAX_NS = SECOND, 10 * SECOND
local HUNTS = { "now and then", "at once", "anybody" }

faults["partition-leader"] = {
    plan = function() return { shape = "leader", hunt = HUNTS[random("nemesis", #HUNTS)] } end,
    start = function(w, plan)
        local what = { over = false }
        sys.spawn(hunt, w, what, plan, function(alone)
            sys.heal()
            for node = 0, #w.node_names - 1 do
                sys.cut(alone, node, true)
                sys.cut(node, alone, true)
            end
        end)
        return "leader: whoever is heard most is alone, then the next one", what
    end,
    stop = function(_, what)
        what.over = true
        sys.heal()
    end,
}

faults["partition-news"] = {
    plan = function()
        return { shape = "leader", hunt = "news", for_ns = log_uniform(NEWS_MIN_NS, NEWS_MAX_NS) }
    end,
    start = function(w, plan)
        local _, what = faults["partition-leader"].start(w, plan)
        return "whoever says something new is alone, then the next one", what
    end,
    stop = faults["partition-leader"].stop,
}

local function partition(kind)
    return {
        plan = function(w)
            local shape = kind or PARTITIONS[random("nemesis", #PARTITIONS)]
            local links = array {}
            for i, link in ipairs(sys.partition_plan(shape)) do
                links[i] = array { w.node_names[link[1] + 1], w.node_names[link[2] + 1] }
            end
            return { shape = shape, links = links }
        end,
        start = function(w, plan)
            local cuts = {}
            take_aim(w, plan)
            for _, link in ipairs(plan.links) do
                local from, to = w.node_numbers[link[1]], w.node_numbers[link[2]]
                if from ~= nil and to ~= nil then
                    sys.cut(from, to, true)
                    cuts[#cuts + 1] = { from, to }
                end
            end
            return plan.shape .. ": " .. cut_text(w, cuts)
        end,
        stop = function() sys.heal() end,
    }
end

faults.partition = partition(nil)
for _, kind in ipairs(PARTITIONS) do faults["partition-" .. kind] = partition(kind) end

local function plan_of_nodes(w)
    return { nodes = draw_nodes(w, some_count(w), w.held) }
end

-- Kills: once; over and over, each time back for a while, as a program does that crashes when it starts; or
-- whoever is heard most, one after the other. In the last two the nodes are mostly back within moments, when the
-- others have not finished what they were at: an election, for one.
local DOWN_MIN_NS, DOWN_MAX_NS = MS, 300 * MS
local UP_MIN_NS, UP_MAX_NS = 10 * MS, SECOND
local KILLS = { "once", "once", "again", "leader" }

local function bring_back(w, nodes)
    w:each(nodes, function(node)
        w:start(node)
        w:setup(node)
    end)
end

-- Down, up, for the times of move; what.down are nodes that stop() has to bring back. While they start
-- nobody may kill them: stop() waits.
local function down_and_up(w, what, nodes, move)
    for _, node in ipairs(nodes) do w:kill(node) end
    what.down = nodes
    sys.sleep_until(sys.now() + move.down_ns)
    if what.over then return end
    what.down, what.starting = nil, true
    bring_back(w, nodes)
    what.starting = false
    if what.waiting then sys.wake(what.waiting) end
end

local function kill_again(w, what, plan)
    local given, i = plan.moves, 0
    plan.moves = given or array {}
    while true do
        i = i + 1
        local move = given and given[i] or not given and
            { down_ns = log_uniform(DOWN_MIN_NS, DOWN_MAX_NS), up_ns = log_uniform(UP_MIN_NS, UP_MAX_NS) }
        if not move then return end
        plan.moves[i] = move
        cues.grown(plan)
        down_and_up(w, what, what.nodes, move)
        if what.over then return end
        sys.sleep_until(sys.now() + move.up_ns)
        if what.over then return end
    end
end

local function kill_leaders(w, what, plan)
    hunt(w, what, plan, function(node, move)
        if w.held[node] ~= nil then return end
        move.down_ns = move.down_ns or log_uniform(DOWN_MIN_NS, DOWN_MAX_NS)
        cues.grown(plan)
        w.held[node] = true
        what.nodes = { node }
        down_and_up(w, what, what.nodes, move)
        if not what.over then
            release_nodes(what.nodes, w.held)
            what.nodes = {}
        end
    end)
end

faults.kill = {
    plan = function(w)
        local how = KILLS[random("nemesis", #KILLS)]
        if how == "leader" then return { how = how, hunt = HUNTS[random("nemesis", #HUNTS)] } end
        local plan = plan_of_nodes(w)
        plan.how = how
        return plan
    end,
    start = function(w, plan)
        local what = { over = false, nodes = {} }
        if plan.how == "leader" then
            sys.spawn(kill_leaders, w, what, plan)
            return "whoever is heard most, then the next one", what
        end
        take_aim(w, plan)
        what.nodes = take_nodes(w, plan.nodes, w.held)
        if plan.how == "again" then
            sys.spawn(kill_again, w, what, plan)
            return w:names(what.nodes) .. ", over and over", what
        end
        for _, node in ipairs(what.nodes) do w:kill(node) end
        what.down = what.nodes
        return w:names(what.nodes), what
    end,
    stop = function(w, what)
        what.over = true
        if what.starting then
            what.waiting = sys.self()
            sys.park()
        end
        if what.down then bring_back(w, what.down) end
        release_nodes(what.nodes, w.held)
    end,
}

faults.pause = {
    plan = plan_of_nodes,
    start = function(w, plan)
        take_aim(w, plan)
        local nodes = take_nodes(w, plan.nodes, w.held)
        for _, node in ipairs(nodes) do w:pause(node) end
        return w:names(nodes), nodes
    end,
    stop = function(w, nodes)
        for _, node in ipairs(nodes) do w:resume(node) end
        release_nodes(nodes, w.held)
    end,
}

-- The same three right after a message (cue.lua). aim() tells a plan its node, once it is known, and the other end
-- of the message, if that is a node.
local HUNTS_BY_CUE = { "now and then", "at once", "at once", "anybody", "word", "word", "word", "news" }
local HUNT_MIN_NS, HUNT_MAX_NS = SECOND // 2, 10 * SECOND -- some leaders can follow each other

local function with_hunt(plan)
    plan.for_ns = log_uniform(HUNT_MIN_NS, HUNT_MAX_NS)
    plan.hunt = HUNTS_BY_CUE[random("nemesis", #HUNTS_BY_CUE)]
    plan.on = plan.hunt == "word" and cues.draw_message() or nil
    if plan.hunt == "word" and not plan.on then plan.hunt = "at once" end
    return plan
end

-- Around one node, once it is known which: alone; apart from one other; unheard; deaf.
local CUTS = { "alone", "apart", "unheard", "deaf" }

local function links_around(w, shape, node, other)
    local links, name = array {}, w.node_names[node + 1]
    for i, peer in ipairs(w.node_names) do
        local meant = i - 1 ~= node and (shape ~= "apart" or other == nil or i - 1 == other)
        if meant and shape ~= "deaf" then links[#links + 1] = array { name, peer } end
        if meant and shape ~= "unheard" then links[#links + 1] = array { peer, name } end
    end
    return links
end

local function aim_at_node(w, plan, node) plan.nodes = array { w.node_names[node + 1] } end

faults["partition-cue"] = {
    told_as = "partition",
    plan = function(w)
        local cue = cues.draw(w, "partition")
        if not cue then return faults.partition.plan(w) end
        if random("nemesis", 3) > 1 then return with_hunt({ shape = "leader" }) end
        return cues.with(cue, { shape = CUTS[random("nemesis", #CUTS)], links = array {} })
    end,
    aim = function(w, plan, node, other) plan.links = links_around(w, plan.shape, node, other) end,
    start = function(w, plan) return faults[plan.hunt and "partition-leader" or "partition"].start(w, plan) end,
    stop = function(_, what)
        if what then what.over = true end
        sys.heal()
    end,
}

faults["kill-cue"] = {
    told_as = "kill",
    plan = function(w)
        local cue = cues.draw(w, "kill")
        if not cue then return faults.kill.plan(w) end
        return cues.with(cue, { how = "once", nodes = array {} })
    end,
    aim = aim_at_node, start = faults.kill.start, stop = faults.kill.stop,
}

-- One after the other: whoever stood still before goes on.
local function pause_leaders(w, what, plan)
    hunt(w, what, plan, function(node)
        for _, before in ipairs(what.nodes) do w:resume(before) end
        release_nodes(what.nodes, w.held)
        what.nodes = take_nodes(w, { w.node_names[node + 1] }, w.held)
        for _, taken in ipairs(what.nodes) do w:pause(taken) end
    end)
end

faults["pause-cue"] = {
    told_as = "pause",
    plan = function(w)
        local cue = cues.draw(w, "pause")
        if not cue then return faults.pause.plan(w) end
        if random("nemesis", 2) == 1 then return with_hunt({}) end
        return cues.with(cue, { nodes = array {} })
    end,
    aim = aim_at_node,
    start = function(w, plan)
        local what = { over = false, nodes = {} }
        if plan.hunt then
            sys.spawn(pause_leaders, w, what, plan)
            return "whoever is heard most, then the next one", what
        end
        local text
        text, what.nodes = faults.pause.start(w, plan)
        return text, what
    end,
    stop = function(w, what)
        what.over = true
        faults.pause.stop(w, what.nodes)
    end,
}

faults.rivals = sys.part("rivals")(sys, random, cues, {
    down_and_up = down_and_up,
    take = function(w, names) return take_nodes(w, names, w.held) end,
    stop = faults.kill.stop,
})

local function percent(p) return raw_format("%.0f %% of messages", p * 100) end

-- Some messages; or, of those that have a storm, so many that nothing gets through but now and then:
-- leaders fall before others have their entries, and what is left of them is on few nodes.
local function chance_fault(set, storm)
    return {
        plan = function()
            if storm and random("nemesis", 3) == 1 then
                return { probability = 0.3 + 0.5 * sys.unit("nemesis") }
            end
            return { probability = 0.05 + 0.25 * sys.unit("nemesis") }
        end,
        start = function(_, plan)
            set(plan.probability)
            return percent(plan.probability)
        end,
        stop = function() set(0) end,
    }
end

faults.loss = chance_fault(sys.loss, true)
faults.duplicate = chance_fault(sys.duplication)

faults.reorder = {
    plan = function(w) return { extra_ns = math.max(2 * w.options.latency_ns, 50000000) } end,
    start = function(_, plan)
        sys.reorder(0.5, plan.extra_ns)
        return raw_format("half of all messages up to %d ms later", plan.extra_ns // 1000000)
    end,
    stop = function() sys.reorder(0, 0) end,
}

faults.slow = {
    plan = function() return { factor = 2 + random("nemesis", 8) } end,
    start = function(_, plan)
        sys.slow(plan.factor)
        return raw_format("latency times %d", plan.factor)
    end,
    stop = function() sys.slow(1) end,
}

---------------------------------------------------------------------------------------------------
-- Clocks. Sizes are drawn so that each power of ten is as likely as the next: bugs wait at all of them.

local function either_way(size)
    return random("nemesis", 2) == 1 and size or -size
end

local OFFSET_MIN, OFFSET_MAX = 1 * MS, 300 * SECOND
local DRIFT_MIN, DRIFT_MAX = 500, 50000 -- millionths
local JUMP_MIN, JUMP_MAX = 10 * MS, 10 * SECOND
local JUMP_GAP_MIN, JUMP_GAP_MAX = 20 * MS, 500 * MS

-- Each says how far wrong one clock is to be, as clock.set() takes it.
local draws = {
    offset = function() return { offset_ns = either_way(log_uniform(OFFSET_MIN, OFFSET_MAX)) } end,
    drift = function() return { drift_ppm = either_way(log_uniform(DRIFT_MIN, DRIFT_MAX)) } end,
}

local function set_clocks(w, nodes, plan)
    local parts = {}
    for i, node in ipairs(nodes) do
        clock.set(w, node, plan.settings[w.node_names[node + 1]])
        parts[i] = clock.describe(w, node)
    end
    return table.concat(parts, "; ")
end

-- Between right and wrong by plan.size_ns, in a strand of its own until what.over. The times between
-- are drawn as it goes and kept in the plan; one that has them already is followed.
local function jump_back_and_forth(w, what, plan)
    local given, wrong, i = plan.gaps_ns, false, 0
    plan.gaps_ns = given or array {}
    while true do
        i = i + 1
        if given and given[i] == nil then return end
        plan.gaps_ns[i] = given and given[i] or log_uniform(JUMP_GAP_MIN, JUMP_GAP_MAX)
        cues.grown(plan)
        sys.sleep_until(sys.now() + plan.gaps_ns[i])
        if what.over then return end
        wrong = not wrong
        for _, node in ipairs(what.nodes) do
            clock.set(w, node, { offset_ns = wrong and plan.size_ns or 0 })
        end
    end
end

local CLOCKS = { "offset", "drift", "jump" }

local function clock_fault(kind)
    return {
        plan = function(w)
            local plan = { how = kind or CLOCKS[random("nemesis", #CLOCKS)] }
            plan.nodes = draw_nodes(w, some_count(w), w.clock_held)
            if plan.how == "jump" then
                plan.size_ns = either_way(log_uniform(JUMP_MIN, JUMP_MAX))
            else
                plan.settings = {}
                for _, name in ipairs(plan.nodes) do plan.settings[name] = draws[plan.how]() end
            end
            return plan
        end,
        start = function(w, plan)
            local what = { nodes = take_nodes(w, plan.nodes, w.clock_held) }
            if plan.how ~= "jump" then return set_clocks(w, what.nodes, plan), what end
            sys.spawn(jump_back_and_forth, w, what, plan)
            return raw_format("%s: wall clock jumps %s and back", w:names(what.nodes),
                clock.signed(plan.size_ns)), what
        end,
        stop = function(w, what)
            what.over = true
            for _, node in ipairs(what.nodes) do clock.set(w, node, clock.RIGHT) end
            release_nodes(what.nodes, w.clock_held)
        end,
    }
end

faults.clock = clock_fault(nil)
for _, kind in ipairs(CLOCKS) do faults["clock-" .. kind] = clock_fault(kind) end

return faults
