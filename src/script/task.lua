-- task.lua: tasks: what a task file says, read before the world exists, and how its story runs.
--
--   task { nodes =, peers =, latency =, limit =, seeds =, start =, disk =, network =, run = }
--   or task { seeds =, part {...}, ... }
--
-- plan(definition) is asked without a world and gives plain values (plan.c); prepare_task() is asked in the
-- world of one part and gives the whole story. What `w` can do in a task stands in the other files of this
-- folder: step.lua (steps, expect, await), member.lua (nodes), client.lua (clients, peers), net.lua (network,
-- rules), observe.lua (messages there were), load.lua (load, strands), model.lua, any.lua (random values).

local sys, shared = ...
local raw_format, to_ns = string.format, shared.to_ns
local SECOND = 1000000000

local LIMIT_DEFAULT = "300s"
local SEEDS_DEFAULT, SEEDS_MAX = 3, 1000
local NODES_MAX = 1000

local FIELDS = {
    name = "string", nodes = "any", peers = "any", latency = "any", limit = "time", run = "function",
    start = "boolean", seeds = "number", disk = "boolean", network = "any", is_task = "boolean",
}
local DISTS = { constant = 0, uniform = 1, exponential = 2 }

-- Checks of a definition point at nothing but the file: they are made when it has been read.
local function wrong(...) error(raw_format(...), 0) end

---------------------------------------------------------------------------------------------------
-- Definitions.

function part(definition)
    if type(definition) ~= "table" then error("part: a table is wanted", 2) end
    definition.is_part = true
    return definition
end

function task(definition)
    if type(definition) ~= "table" then error("task: a table is wanted", 2) end
    definition.is_task = true
    return definition
end

local function check_part(p, title)
    for key, value in pairs(p) do
        local kind = FIELDS[key]
        if kind == nil and key ~= "is_part" then
            wrong("%s has a field `%s`, which no task has", title, tostring(key))
        end
        if (kind == "string" or kind == "function" or kind == "boolean" or kind == "number") and
            type(value) ~= kind then
            wrong("%s: `%s` must be a %s, not a %s", title, key, kind, type(value))
        end
    end
    if p.run == nil then wrong("%s lacks `run`, the function that is its story", title) end
end

-- The parts of a task, in order; one without parts is its only part.
local function parts_of(definition)
    if not definition.is_task then
        wrong("the file must end with `return task {...}`")
    end
    if #definition == 0 then
        check_part(definition, "the task")
        return { definition }
    end
    local parts, names = {}, {}
    for key in pairs(definition) do
        if math.type(key) ~= "integer" and key ~= "seeds" and key ~= "is_task" then
            wrong("a task of parts has `seeds` and parts; `%s` belongs into a part", tostring(key))
        end
    end
    for i, p in ipairs(definition) do
        if type(p) ~= "table" or not p.is_part then
            wrong("element %d of the task is no part {...}", i)
        end
        check_part(p, "part " .. (p.name or i))
        p.name = p.name or "part " .. i
        if names[p.name] then wrong("two parts are called \"%s\"", p.name) end
        names[p.name] = true
        parts[i] = p
    end
    return parts
end

local function seeds_of(definition)
    local seeds = definition.seeds or SEEDS_DEFAULT
    if math.type(seeds) ~= "integer" or seeds < 1 or seeds > SEEDS_MAX then
        wrong("seeds must be a whole number from 1 to %d", SEEDS_MAX)
    end
    return seeds
end

---------------------------------------------------------------------------------------------------
-- Plans.

local function name_list(value, first, what)
    local names = array {}
    if value == nil then return names end
    if math.type(value) == "integer" then
        if value < 0 or value > NODES_MAX then wrong("%s must be 0 to %d", what, NODES_MAX) end
        for i = 1, value do names[i] = "n" .. first + i - 1 end
        return names
    end
    if type(value) ~= "table" or #value == 0 and next(value) ~= nil then
        wrong("%s must be a number or a list of names, not %s", what, tostring(value))
    end
    for i, name in ipairs(value) do
        if type(name) ~= "string" or #name > 64 or not name:find("^[%w_][%w_.-]*$") or
            name:find("^c%d+$") then
            wrong("%s: %s cannot be the name of a node: letters, digits, dots, dashes and underscores " ..
                "only, and not the name of a client", what, json_text(name))
        end
        names[i] = name
    end
    return names
end

local function check_distinct(names, title)
    local seen = { ["seq-kv"] = true, ["lin-kv"] = true, ["lww-kv"] = true, ["lin-tso"] = true }
    for _, name in ipairs(names) do
        if seen[name] then wrong("%s: the name %s is taken", title, name) end
        seen[name] = true
    end
end

local function latency_of(value)
    if value == nil then return 0, 0 end
    if type(value) ~= "table" then return to_ns(value), DISTS.constant end
    local dist = DISTS[value.dist or "constant"]
    if dist == nil then wrong("latency: dist must be constant, uniform or exponential") end
    return to_ns(value.mean or 0), dist
end

-- true, or { latency = "1ms" }: each way of each socket of the scenario.
local function network_of(p, title)
    local network = p.network
    if network == nil or network == false then return nil end
    if network == true then return {} end
    if type(network) ~= "table" then wrong("%s: network is true or { latency = }", title) end
    for key in pairs(network) do
        if key ~= "latency" then wrong("%s: network has no field %s", title, tostring(key)) end
    end
    return network
end

local function drawn(value, random)
    if type(value) == "function" then return value(random) end
    return value
end

local function plan_part(p, number)
    local stream = "part " .. number
    local function random(low, high) return shared.random(stream, low, high) end
    local title = p.name and 'part "' .. p.name .. '"' or "the task"
    local names = name_list(drawn(p.nodes, random) or 1, 0, title .. ": nodes")
    local process_count = #names
    if process_count == 0 then wrong("%s: there must be a node", title) end
    for _, name in ipairs(name_list(drawn(p.peers, random), process_count, title .. ": peers")) do
        names[#names + 1] = name
    end
    check_distinct(names, title)
    local latency_ns, dist = latency_of(drawn(p.latency, random))
    return {
        name = p.name or "", names = names, process_count = process_count, latency_ns = latency_ns,
        latency_dist = dist, limit_ns = to_ns(p.limit or LIMIT_DEFAULT), disk = p.disk == true,
        network = network_of(p, title) ~= nil,
    }
end

function plan(definition)
    local parts = parts_of(definition)
    local planned = array {}
    for i, p in ipairs(parts) do planned[i] = plan_part(p, i) end
    return { seeds = seeds_of(definition), parts = planned }
end

---------------------------------------------------------------------------------------------------
-- The story of a part.

local common

function require(name)
    if name ~= "common" then
        error('require: only "common", the common.lua of the same folder, can be had', 2)
    end
    if common == nil then common = { sys.common()() } end
    return common[1]
end

local World = setmetatable({}, { __index = shared.World })
World.__index = World

local env = {
    sys = sys, shared = shared, World = World, to_ns = to_ns, random = shared.random, SECOND = SECOND,
}

-- Parts of the language, in the order in which they need each other.
for _, name in ipairs {
    "step", "client", "member", "disk", "socket", "tls", "http2", "net", "observe", "load", "any", "model",
} do
    sys.part(name)(env)
end

local function find_part(parts, name)
    if name == nil then return parts[1] end
    for _, p in ipairs(parts) do
        if p.name == name then return p end
    end
    wrong('there is no part "%s"', name)
end

local function story(w, p)
    sys.spawn(function()
        sys.sleep_until(to_ns(p.limit or LIMIT_DEFAULT))
        env.out_of_time(w, p.limit or LIMIT_DEFAULT)
    end)
    if p.start ~= false then
        w:step("the nodes start", function()
            w:all(w.nodes, function(name) w:start(name) end)
        end)
        sys.net_reset()
    end
    p.run(w)
    sys.done()
end

return function(definition, options, name)
    local p = find_part(parts_of(definition), name)
    local w = setmetatable({
        options = options, held = {}, clock_held = {}, clocks = {}, state = {},
        node_names = sys.node_names(), node_numbers = {}, process_count = sys.process_count(),
    }, World)
    env.open_members(w)
    env.open_network(w, (network_of(p, "the part") or {}).latency or 0)
    w.timeout_ns = 5 * SECOND
    return function() story(w, p) end
end
