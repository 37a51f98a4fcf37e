-- faults.lua: what `--nemesis` can do to a run. docs/faults.md describes each for users.
--
-- A fault is a row of the table that this file gives: start(w) makes the trouble and gives a text for
-- people and what stop(w, what) needs to undo it; prelude.lua decides when. A node has one fault of
-- its process, and one of its clocks, at a time: whoever takes the node holds it until stop. All draws
-- are from the stream "nemesis".

local sys, random, clock = ...
local raw_format = string.format

local faults = {}

-- So many nodes that nobody holds; held is w.held (processes) or w.clock_held.
local function take_nodes(w, count, held)
    local free = {}
    for node = 0, #w.node_names - 1 do
        if held[node] == nil then free[#free + 1] = node end
    end
    for i = #free, 2, -1 do
        local j = random("nemesis", i)
        free[i], free[j] = free[j], free[i]
    end
    local taken = {}
    for i = 1, math.min(count, #free) do
        taken[i] = free[i]
        held[free[i]] = true
    end
    table.sort(taken)
    return taken
end

local function release_nodes(nodes, held)
    for _, node in ipairs(nodes) do held[node] = nil end
end

-- One node, a minority, a majority or all of them.
local function some_count(w)
    local n = #w.node_names
    local sizes = { 1, math.max(1, (n - 1) // 2), n // 2 + 1, n }
    return sizes[random("nemesis", #sizes)]
end

local PARTITIONS = { "one", "halves", "majority", "minority-third", "one-way", "bridge", "ring" }

local function partition(kind)
    return {
        start = function(w)
            local chosen = kind or PARTITIONS[random("nemesis", #PARTITIONS)]
            local lines = {}
            for _, link in ipairs(sys.partition_plan(chosen)) do
                sys.cut(link[1], link[2], true)
                local from = link[1]
                lines[from] = lines[from] or {}
                table.insert(lines[from], w.node_names[link[2] + 1])
            end
            local text = {}
            for from, names in pairs(lines) do
                text[#text + 1] = w.node_names[from + 1] .. " -/-> " .. table.concat(names, " ")
            end
            return chosen .. ": " .. table.concat(text, ", ")
        end,
        stop = function() sys.heal() end,
    }
end

faults.partition = partition(nil)
for _, kind in ipairs(PARTITIONS) do faults["partition-" .. kind] = partition(kind) end

faults.kill = {
    start = function(w)
        local nodes = take_nodes(w, some_count(w), w.held)
        for _, node in ipairs(nodes) do w:kill(node) end
        return w:names(nodes), nodes
    end,
    stop = function(w, nodes)
        w:each(nodes, function(node)
            w:start(node)
            w:setup(node)
        end)
        release_nodes(nodes, w.held)
    end,
}

faults.pause = {
    start = function(w)
        local nodes = take_nodes(w, some_count(w), w.held)
        for _, node in ipairs(nodes) do w:pause(node) end
        return w:names(nodes), nodes
    end,
    stop = function(w, nodes)
        for _, node in ipairs(nodes) do w:resume(node) end
        release_nodes(nodes, w.held)
    end,
}

local function percent(p) return raw_format("%.0f %% of messages", p * 100) end

local function chance_fault(set)
    return {
        start = function()
            local p = 0.05 + 0.25 * sys.unit("nemesis")
            set(p)
            return percent(p)
        end,
        stop = function() set(0) end,
    }
end

faults.loss = chance_fault(sys.loss)
faults.duplicate = chance_fault(sys.duplication)

faults.reorder = {
    start = function(w)
        local extra_ns = math.max(2 * w.options.latency_ns, 50000000)
        sys.reorder(0.5, extra_ns)
        return raw_format("half of all messages up to %d ms later", extra_ns // 1000000)
    end,
    stop = function() sys.reorder(0, 0) end,
}

faults.slow = {
    start = function()
        local factor = 2 + random("nemesis", 8)
        sys.slow(factor)
        return raw_format("latency times %d", factor)
    end,
    stop = function() sys.slow(1) end,
}

---------------------------------------------------------------------------------------------------
-- Clocks. Sizes are drawn so that each power of ten is as likely as the next: bugs wait at all of them.

local MS, SECOND = 1000000, 1000000000

local function log_uniform(low, high)
    return math.floor(low * (high / low) ^ sys.unit("nemesis"))
end

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

local function set_clocks(w, nodes, draw)
    local parts = {}
    for i, node in ipairs(nodes) do
        clock.set(w, node, draw())
        parts[i] = clock.describe(w, node)
    end
    return table.concat(parts, "; ")
end

-- Between right and wrong by size_ns, in a strand of its own until what.over.
local function jump_back_and_forth(w, what, size_ns)
    local wrong = false
    while true do
        sys.sleep_until(sys.now() + log_uniform(JUMP_GAP_MIN, JUMP_GAP_MAX))
        if what.over then return end
        wrong = not wrong
        for _, node in ipairs(what.nodes) do
            clock.set(w, node, { offset_ns = wrong and size_ns or 0 })
        end
    end
end

local CLOCKS = { "offset", "drift", "jump" }

local function clock_fault(kind)
    return {
        start = function(w)
            local chosen = kind or CLOCKS[random("nemesis", #CLOCKS)]
            local what = { nodes = take_nodes(w, some_count(w), w.clock_held) }
            if chosen ~= "jump" then return set_clocks(w, what.nodes, draws[chosen]), what end
            local size_ns = either_way(log_uniform(JUMP_MIN, JUMP_MAX))
            sys.spawn(jump_back_and_forth, w, what, size_ns)
            return raw_format("%s: wall clock jumps %s and back", w:names(what.nodes),
                clock.signed(size_ns)), what
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
