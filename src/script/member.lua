-- member.lua: the nodes of a task: starting, killing, their standard input, how they ended.

local env = ...
local sys, World, shared = env.sys, env.World, env.shared
local misuse, need, show = env.misuse, env.need, env.show
local raw_format = string.format

local START_OPTIONS = { init = true, id = true, members = true, data = true }

function env.open_members(w)
    w.nodes, w.peers, w.members = array {}, array {}, array {}
    w.running, w.told_faults = {}, {}
    for i, name in ipairs(w.node_names) do
        w.node_numbers[name] = i - 1
        w.members[i] = name
        table.insert(i <= w.process_count and w.nodes or w.peers, name)
    end
    env.open_peers(w)
end

-- A node of the task, by its name; anything else is the author's mistake. Faults know nodes by number.
local function node_of(w, name, what)
    if math.type(name) == "integer" and name >= 0 and name < w.process_count then return name end
    local number = w.node_numbers[name]
    if number == nil then misuse("%s: there is no node %s", what, show(name)) end
    if number >= w.process_count then
        misuse("%s: %s is a peer, played by the scenario: it has no process", what, name)
    end
    return number
end

env.node_of = node_of

-- All members but those named, each by name or in a list.
function World:others(...)
    local left, names = {}, array {}
    local function leave(name)
        if type(name) == "table" then
            for _, n in ipairs(name) do leave(n) end
        else
            if self.node_numbers[name] == nil then misuse("w:others: there is no member %s", show(name)) end
            left[name] = true
        end
    end
    for i = 1, select("#", ...) do leave((select(i, ...))) end
    for _, name in ipairs(self.members) do
        if not left[name] then names[#names + 1] = name end
    end
    return names
end

local function rename(w, number, old, new)
    if type(new) ~= "string" or not sys.rename(number, new) then
        misuse("w:start: the id %s cannot be had: it is taken, or too long", show(new))
    end
    for _, list in ipairs { w.nodes, w.members, w.node_names } do
        for i, name in ipairs(list) do
            if name == old then list[i] = new end
        end
    end
    w.node_numbers[old], w.node_numbers[new] = nil, number
end

local function prepare_data(w, number, data)
    data = data or "same"
    local of = type(data) == "string" and data:match("^of:(.+)$")
    if of then
        sys.prepare_start(number, "of", node_of(w, of, "w:start: data"))
    elseif data == "same" or data == "empty" then
        sys.prepare_start(number, data)
    else
        misuse('w:start: data is "same", "empty" or "of:NODE", not %s', show(data))
    end
end

local function send_init(w, name, members)
    local client = w:client()
    local names = array {}
    for i, member in ipairs(members or w.members) do names[i] = member end
    local reply = client:call(name, { type = "init", node_id = name, node_ids = names }, 10)
    shared.check_init_reply(w, w.node_numbers[name], reply)
    sys.client_gone(client.endpoint)
end

-- Starts the process; it gets init unless options.init is false.
function World:start(name, options)
    options = options or {}
    local number = node_of(self, name, "w:start")
    name = self.node_names[number + 1]
    for key in pairs(options) do
        if not START_OPTIONS[key] then misuse("w:start: there is no option %s", tostring(key)) end
    end
    if self.running[name] and sys.node_exit(number) == nil then
        misuse("w:start: %s is running; w:kill it first, or w:restart it", name)
    end
    prepare_data(self, number, options.data)
    if options.id ~= nil and options.id ~= name then
        rename(self, number, name, options.id)
        name = options.id
    end
    if not sys.node_start(number) then sys.park() end
    self.running[name] = true
    if options.init ~= false then send_init(self, name, options.members) end
    return name
end

function World:kill(name)
    local number = node_of(self, name, "w:kill")
    sys.node_kill(number)
    self.running[self.node_names[number + 1]] = nil
end

function World:restart(name, options)
    self:kill(name)
    return self:start(name, options)
end

function World:pause(name) sys.node_pause(node_of(self, name, "w:pause"), true) end

function World:resume(name) sys.node_pause(node_of(self, name, "w:resume"), false) end

function World:clock(name, how) shared.clock.tell(self, node_of(self, name, "w:clock"), how) end

-- Ends the standard input of a node, after all that was sent to it; that it exits then is right.
function World:close_stdin(name)
    local number = node_of(self, name, "w:close_stdin")
    sys.sleep_until(sys.now()) -- what clients sent in this instant is still on its way
    sys.node_end_input(number)
end

-- Bytes to its standard input, exactly these.
function World:write(name, bytes)
    local number = node_of(self, name, "w:write")
    sys.node_write(number, need(bytes, "string", "w:write: the second argument"))
end

function World:allow_exit(name) sys.node_allow_exit(node_of(self, name, "w:allow_exit")) end

function World:exit_status(name)
    local code, signal, at_ns = sys.node_exit(node_of(self, name, "w:exit_status"))
    if at_ns == nil then return nil end
    return { code = code, signal = signal, at = at_ns / env.SECOND }
end

function World:usage(name)
    local cpu_ns, bytes = sys.node_usage(node_of(self, name, "w:usage"))
    return { cpu_s = cpu_ns / env.SECOND, memory_bytes = bytes }
end

-- The lines that it has written to stderr so far.
function World:log(name)
    local lines = array {}
    local text = sys.node_log(node_of(self, name, "w:log"))
    for line in text:gmatch("([^\n]*)\n") do lines[#lines + 1] = line end
    return lines
end

-- Ends the run: the node did what must not be. Also for faults of workloads, which know nodes by number.
function World:blame(node, sentence)
    if type(node) == "string" then node = node_of(self, node, "w:blame") end
    sys.blame(node, sentence)
    sys.park()
end
