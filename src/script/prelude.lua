-- prelude.lua: the scenario language, in Lua, on top of the table `sys` (sys.c).
--
-- Loaded before every scenario into the closed state. It makes walking tables deterministic, defines
-- the object `w` that scenarios act through, and runs workloads: nodes start and get init, clients
-- work at a rate while faults come and go, everything heals, clients look a last time.
--
-- A workload is a table, returned by its file as `return workload {...}` (docs/workloads.md says what
-- each of ours does, CONTRIBUTING.md how to add one):
--   name, summary    texts
--   requests         { TYPE = { FIELD = KIND, ... } }: the fields of a right answer, TYPE_ok
--   op(w, process)   the next operation { f =, value = }, or nil for nothing this time; these two must be
--                    all that invoke needs: a run that is shrunk (decide.lua) has its operations given
--   invoke(w, client, op)  carries it out through client:call(); returns the completion's value
--   check            { "CHECKER", option = value, ... }, or a function of w that returns that; it is
--                    called before the run begins
-- and, where needed:
--   setup(w, client, node) before the load, and again after each restart of that node
--   begin(w)         once, before everything; may keep state in w.state
--   final(w, process) a list of last operations, after all faults have healed
--   judge(w)         once, after everything; calls w:blame() for what no checker of histories sees
--   idempotent       { F = true }: a failed f certainly changed nothing
--   errors = "indefinite"  an error reply says nothing about whether the operation happened
--   keeps_clients    a client goes on after a request without a definite answer
--   timeout(w)       of one request, in seconds (default 5)
--   faults           those that a search (--seeds) may draw from unless --nemesis names others:
--                    { "partition", "kill" }

local sys = sys
_G.sys = nil

local raw_next, raw_format, raw_tostring = next, string.format, tostring
local SECOND = 1000000000

---------------------------------------------------------------------------------------------------
-- Nothing may depend on hash order, addresses or foreign chance.

local ORDERED = { number = true, string = true, boolean = true }

local function key_before(a, b)
    local ta, tb = type(a), type(b)
    if ta ~= tb then return ta < tb end
    if ta == "boolean" then return a and not b end
    return a < b
end

local function sorted_keys(t)
    local keys = {}
    for k in raw_next, t do
        if not ORDERED[type(k)] then
            error("pairs: only numbers, strings and booleans can be walked in order, not a " ..
                type(k), 0)
        end
        keys[#keys + 1] = k
    end
    table.sort(keys, key_before)
    return keys
end

function pairs(t)
    local keys, i = sorted_keys(t), 0
    return function()
        i = i + 1
        local k = keys[i]
        if k ~= nil then return k, t[k] end
    end
end

function next(t)
    local k = sorted_keys(t)[1]
    if k ~= nil then return k, t[k] end
end

function tostring(v)
    local kind = type(v)
    if kind == "table" or kind == "function" or kind == "userdata" or kind == "thread" then
        if v == null then return "null" end
        local meta = kind == "table" and getmetatable(v)
        if meta == "number" then return raw_tostring(v) end
        return "(" .. kind .. ")"
    end
    return raw_tostring(v)
end

function string.format(format, ...)
    if format:gsub("%%%%", ""):find("%%[^%a]*p") then
        error("string.format: %p would show an address", 2)
    end
    return raw_format(format, ...)
end

string.dump = nil
math.randomseed = nil

local function random(stream, low, high)
    if low == nil then return sys.unit(stream) end
    if high == nil then low, high = 1, low end
    if low > high then error("random: the range is empty", 3) end
    return low + sys.below(stream, high - low + 1)
end

function math.random(low, high)
    return random("scenario", low, high)
end

---------------------------------------------------------------------------------------------------
-- Times: numbers are seconds, texts carry a unit.

local UNITS = { ns = 1, us = 1000, ms = 1000000, s = SECOND, min = 60 * SECOND, h = 3600 * SECOND }

local function to_ns(time)
    if type(time) == "number" then return math.floor(time * SECOND + 0.5) end
    local number, unit
    if type(time) == "string" then number, unit = string.match(time, "^(%d+%.?%d*)(%a+)$") end
    if number == nil or UNITS[unit] == nil then
        error('a time is a number of seconds or a text such as "20ms", not ' .. json_text(time), 3)
    end
    return math.floor(tonumber(number) * UNITS[unit] + 0.5)
end

---------------------------------------------------------------------------------------------------
-- Clients.

local KINDS = {
    any = function() return true end,
    integer = function(v)
        return math.type(v) == "integer" or
            getmetatable(v) == "number" and not raw_tostring(v):find("[.eE]")
    end,
    string = function(v) return type(v) == "string" end,
    list = is_array,
    object = function(v) return type(v) == "table" and not is_array(v) end,
}
KINDS["list or null"] = function(v) return v == null or is_array(v) end
KINDS["object or null"] = function(v) return v == null or KINDS.object(v) end

local ARTICLES = { integer = "an ", object = "an ", ["object or null"] = "an " }

local DEFINITE = {
    [1] = "node-not-found", [10] = "not-supported", [11] = "temporarily-unavailable",
    [12] = "malformed-request", [14] = "abort", [20] = "key-does-not-exist",
    [21] = "key-already-exists", [22] = "precondition-failed", [30] = "txn-conflict",
}
local INDEFINITE = { [0] = "timeout", [13] = "crash" }

local REPLY_KEYS = { type = true, in_reply_to = true, msg_id = true }

local function shorten(text)
    if #text <= 200 then return text end
    return text:sub(1, 197):gsub("[\x80-\xff]+$", "") .. "..."
end

-- What is wrong with a reply's body, as the end of a sentence; nil if nothing is.
local function reply_fault(body, request_type, fields)
    local want = request_type .. "_ok"
    if body.type == "error" then
        if math.type(body.code) ~= "integer" then
            return 'is an error without an integer "code"'
        end
        return nil
    end
    if body.type ~= want then
        return raw_format('has %s; the protocol wants "%s"',
            body.type == nil and 'no "type"' or 'type ' .. json_text(body.type), want)
    end
    for field, kind in raw_next, fields do
        local value = body[field]
        if value == nil then
            return raw_format('lacks the field "%s"; the protocol wants %s%s there', field,
                kind == "any" and "any value" or ARTICLES[kind] or "a ", kind == "any" and "" or kind)
        end
        if not KINDS[kind](value) then
            return raw_format('has %s in the field "%s"; the protocol wants %s%s',
                shorten(json_text(value)), field, ARTICLES[kind] or "a ", kind)
        end
    end
    local extra
    for key in raw_next, body do
        if not REPLY_KEYS[key] and fields[key] == nil and (extra == nil or key < extra) then
            extra = key
        end
    end
    if extra ~= nil then
        return raw_format('has the field "%s", which %s does not have', extra, want)
    end
end

local Client = {}
Client.__index = Client

local function new_client(w, node)
    local endpoint, name = sys.client()
    return setmetatable({ w = w, endpoint = endpoint, name = name, node = node }, Client)
end

-- An operation that did not end well leaves invoke() as an error with this metatable.
local Failure = { __name = "failure" }

local function fail(kind, reason)
    error(setmetatable({ kind = kind, reason = reason }, Failure), 0)
end

-- Sends body to dest and waits for the answer: its body, or nil after the timeout.
function Client:rpc(dest, body, timeout)
    return sys.rpc(self.endpoint, dest, body, timeout and to_ns(timeout) or self.w.timeout_ns)
end

-- Like rpc to the client's own node, for a request that the workload describes. Gives a right
-- answer or does not return: a timeout or an error reply ends the operation, a wrong answer the run.
-- In w:load of a task a request may be left undescribed: then any answer that is no error is right.
function Client:call(body)
    local request_type = body.type
    local reply = sys.rpc(self.endpoint, self.node, body, self.w.timeout_ns)
    if reply == nil then fail("info", array { "timeout", "no answer" }) end
    local fields = self.w.workload.requests[request_type]
    local fault = fields and reply_fault(reply, request_type, fields)
    if fault then
        sys.blame(self.node, raw_format("%s answered %s's request %d (%s) with a body that %s: %s",
            self.w.node_names[self.node + 1], self.name, reply.in_reply_to, request_type, fault,
            shorten(json_text(reply))))
        sys.park()
    end
    if reply.type == "error" then
        local name = DEFINITE[reply.code]
        fail(name and "fail" or "info", array {
            name or INDEFINITE[reply.code] or reply.code,
            reply.text == nil and null or reply.text })
    end
    return reply
end

-- Ends the operation without an answer, as a client that crashes does.
function Client:give_up() fail("info", nil) end

---------------------------------------------------------------------------------------------------
-- The object `w`. Nodes are numbers from 0, as n0, n1, ... are called.

local World = {}
World.__index = World

function World:now() return sys.now() / SECOND end

function World:sleep(time) sys.sleep_until(sys.now() + to_ns(time)) end

function World:spawn(body, ...) return sys.spawn(body, ...) end

-- A whole number in [1, low] or [low, high], or with no argument a fraction in [0, 1).
function World:random(low, high) return random("scenario", low, high) end

function World:client(node) return new_client(self, node) end

function World:note(text) sys.note(text) end

-- Ends the run as invalid, and does not return: the node did what must not be, as the sentence says.
function World:blame(node, sentence)
    sys.blame(node, sentence)
    sys.park()
end

-- { n0 = {"n1", ...}, ... } for the topology asked for on the command line.
function World:topology()
    local all = {}
    for node, name in ipairs(self.node_names) do
        local names = array {}
        for i, other in ipairs(sys.neighbours(self.options.topology, node - 1)) do
            names[i] = self.node_names[other + 1]
        end
        all[name] = names
    end
    return all
end

function World:names(nodes)
    local names = {}
    for i, node in ipairs(nodes) do names[i] = self.node_names[node + 1] end
    return table.concat(names, " ")
end

local function check_init_reply(w, node, reply)
    local name = w.node_names[node + 1]
    if reply == nil then
        sys.blame(node, name .. " did not answer init within 10 s; the protocol wants " ..
            '{"type":"init_ok","in_reply_to":1} before anything else is asked. If it does print that, ' ..
            "is its output flushed after each line?")
    elseif reply.type ~= "init_ok" then
        sys.blame(node, raw_format('%s answered init with %s; the protocol wants type "init_ok"', name,
            shorten(json_text(reply))))
    else
        return
    end
    sys.park()
end

-- Starts a node's process, tells it who it is, and waits until it has answered.
function World:start(node)
    if not sys.node_start(node) then sys.park() end
    local client = new_client(self, node)
    local names = array {}
    for i, name in ipairs(self.node_names) do names[i] = name end
    local reply = client:rpc(node,
        { type = "init", node_id = self.node_names[node + 1], node_ids = names }, 10)
    check_init_reply(self, node, reply)
    sys.client_gone(client.endpoint)
end

function World:kill(node) sys.node_kill(node) end

function World:pause(node) sys.node_pause(node, true) end

function World:resume(node) sys.node_pause(node, false) end

-- Runs body(item) for each item in a strand of its own, and waits for all of them.
function World:each(items, body)
    local left, waiting = #items, nil
    for _, item in ipairs(items) do
        sys.spawn(function()
            body(item)
            left = left - 1
            if left == 0 and waiting then sys.wake(waiting) end
        end)
    end
    if left > 0 then
        waiting = sys.self()
        sys.park()
    end
end

---------------------------------------------------------------------------------------------------
-- Faults. faults.lua says what each does; here they come and go.

local clock = sys.part("clock")(sys, to_ns)
local cues = sys.part("cue")(sys, random)
local faults = sys.part("faults")(sys, random, clock, cues)

-- Sets the clocks of a node wrong, or right again without `how`: see clock.lua.
function World:clock(node, how) clock.tell(self, node, how) end

local SHORTEST_NS = 1000000

-- How long a fault lasts, or the world is well. Half of the times evenly up to twice the interval; else
-- each power of ten is as likely as the next, since some bugs need a node that is back at once, a link
-- that loses one message, or a cut that moves before anybody could catch up.
local function draw_gap(interval_ns)
    local most_ns = 2 * interval_ns
    if most_ns <= SHORTEST_NS or sys.unit("nemesis") < 0.5 then
        return math.floor(most_ns * sys.unit("nemesis"))
    end
    return math.floor(SHORTEST_NS * (most_ns / SHORTEST_NS) ^ sys.unit("nemesis"))
end

local function fault_event(w, kind, what, text)
    sys.fault(kind, what, text)
    sys.record("info", -1, nil, what .. "-" .. kind, text, nil, false)
end

local decide = sys.part("decide")(sys, faults, cues, fault_event)

-- One fault comes and goes until the time is up, and is gone at the end.
local function nemesis(w, kind, until_ns)
    local fault = faults[kind]
    local interval_ns = w.options.nemesis_interval_ns
    local after_cue = false
    if fault.aim or fault.watches then sys.watch() end
    while true do
        local start_ns = sys.now() + (after_cue and cues.draw_gap(w) or draw_gap(interval_ns))
        if start_ns >= until_ns then return sys.sleep_until(until_ns) end
        sys.sleep_until(start_ns)
        local plan = fault.plan(w)
        after_cue = plan.cue ~= nil
        decide.strike(w, kind, plan, until_ns, function()
            return math.min(until_ns, sys.now() + (plan.for_ns or draw_gap(interval_ns)))
        end)
    end
end

---------------------------------------------------------------------------------------------------
-- Workers. Each is one process of the history after another, bound to one node.

-- How an operation ended: type, value, error.
local function outcome(w, op, fine, result)
    if fine then return "ok", result == nil and op.value or result, nil end
    if getmetatable(result) ~= Failure then error(result, 0) end
    local kind = result.kind
    if w.workload.errors == "indefinite" then kind = "info" end
    if w.workload.idempotent[op.f] then kind = "fail" end
    return kind, op.value, result.reason
end

local function renew(worker, w)
    worker.process = worker.process + w.options.concurrency
    if not w.workload.keeps_clients then
        sys.client_gone(worker.client.endpoint)
        worker.client = new_client(w, worker.node)
    end
end

local function perform(w, worker, op)
    local invoke = w.workload.invoke
    local began_ns = sys.now()
    sys.record("invoke", worker.process, worker.node, op.f, op.value, nil, op.final)
    local kind, value, reason = outcome(w, op, pcall(invoke, w, worker.client, op))
    sys.record(kind, worker.process, worker.node, op.f, value, reason, op.final)
    if w.tally then w.tally(kind, began_ns) end
    if kind == "info" then renew(worker, w) end
    return kind, value
end

local QUICKEST_NS = 100000 -- an operation at the highest rate

-- Workers take turns on one schedule whose gaps are random with mean 1 / rate.
local function work(w, worker, schedule)
    while true do
        schedule.due_ns = schedule.due_ns + math.floor(schedule.gap_ns * 2 * sys.unit("load"))
        local due_ns = schedule.due_ns
        if due_ns < sys.now() and schedule.gap_ns == 0 then due_ns = sys.now() end
        if due_ns >= schedule.until_ns then return end
        if due_ns > sys.now() then sys.sleep_until(due_ns) end
        if sys.now() >= schedule.until_ns then return end
        local op, began_ns = w.workload.op(w, worker), sys.now()
        if op ~= nil then perform(w, worker, op) end
        -- Computing may cost no time; at the highest rate time would stand still.
        if schedule.gap_ns == 0 and sys.now() == began_ns then
            sys.sleep_until(began_ns + QUICKEST_NS)
        end
    end
end

local function drawn_strands(w, workers)
    local schedule = { due_ns = sys.now(), until_ns = sys.now() + w.options.time_limit_ns }
    local strands = {}
    for _, kind in ipairs(w.options.nemesis) do
        strands[#strands + 1] = function() nemesis(w, kind, schedule.until_ns) end
    end
    if w.options.rate > 0 then
        schedule.gap_ns = w.options.rate == math.huge and 0 or SECOND / w.options.rate
        for _, worker in ipairs(workers) do
            strands[#strands + 1] = function() work(w, worker, schedule) end
        end
    else
        strands[#strands + 1] = function() sys.sleep_until(schedule.until_ns) end
    end
    return strands
end

local function main_phase(w, workers)
    local strands = w.decided and decide.strands(w, workers, perform) or drawn_strands(w, workers)
    w:each(strands, function(strand) strand() end)
    decide.ended()
end

local function final_phase(w, workers)
    w:sleep(w.options.recovery_ns / SECOND)
    w:each(w.decided and decide.final(w, workers) or workers, function(worker)
        for op in w.workload.final(w, worker) do
            op.final = true
            worker.last_kind, worker.last_value = perform(w, worker, op)
        end
    end)
end

function World:setup(node)
    local client = new_client(self, node)
    if self.workload.setup then
        local fine, result = pcall(self.workload.setup, self, client, node)
        if not fine and getmetatable(result) ~= Failure then error(result, 0) end
        if not fine then
            sys.note(raw_format("%s did not take its set-up: %s", self.node_names[node + 1],
                json_text(result.reason)))
        end
    end
    sys.client_gone(client.endpoint)
end

local function worker_nodes(w)
    if w.decided then return decide.nodes(w) end
    local nodes = {}
    for i = 1, w.options.concurrency do nodes[i] = (i - 1) % #w.node_names end
    return nodes
end

local function run_workload(w)
    local nodes, workers = {}, {}
    for i = 1, #w.node_names do nodes[i] = i - 1 end
    if w.workload.begin then w.workload.begin(w) end
    w:each(nodes, function(node) w:start(node) end)
    sys.net_reset()
    w:each(nodes, function(node) w:setup(node) end)
    for i, node in ipairs(worker_nodes(w)) do
        workers[i] = { index = i, process = i - 1, node = node, client = new_client(w, node) }
    end
    main_phase(w, workers)
    if w.workload.final then final_phase(w, workers) end
    if w.workload.judge then w.workload.judge(w) end
    sys.done()
end

---------------------------------------------------------------------------------------------------
-- For workloads.

local KEYS_IN_USE = 10

local KeyPool = {}
KeyPool.__index = KeyPool

-- Keys 0, 1, ... of which some are in use at a time, each half as often as the one after it.
function key_pool(w)
    local pool = setmetatable({ count = w.options.key_count == null and KEYS_IN_USE or
        w.options.key_count, writes_max = w.options.max_writes_per_key, in_use = {}, written = {} },
        KeyPool)
    for i = 1, pool.count do pool.in_use[i] = i - 1 end
    pool.next_key = pool.count
    return pool
end

local function pick_place(pool)
    local place = pool.count
    while place > 1 and sys.unit("keys") < 0.5 do place = place - 1 end
    return place
end

function KeyPool:pick() return self.in_use[pick_place(self)] end

-- A key and the value to write to it, 1 and up; the last value allowed retires the key.
function KeyPool:write()
    local place = pick_place(self)
    local key = self.in_use[place]
    local value = (self.written[key] or 0) + 1
    self.written[key] = value
    if value >= self.writes_max then
        table.remove(self.in_use, place)
        table.insert(self.in_use, self.next_key)
        self.next_key = self.next_key + 1
    end
    return key, value
end

---------------------------------------------------------------------------------------------------
-- What the engine calls.

function workload(definition) return definition end

-- A final phase of one operation.
function once(op)
    local given = false
    return function()
        if given then return nil end
        given = true
        return op
    end
end

local REQUIRED = { name = "string", summary = "string", requests = "table", op = "function",
    invoke = "function" }

local function check_definition(definition)
    for field, kind in pairs(REQUIRED) do
        if type(definition[field]) ~= kind then
            error(raw_format("the workload lacks `%s`, a %s", field, kind), 0)
        end
    end
    local check = definition.check
    if type(check) ~= "function" and (type(check) ~= "table" or type(check[1]) ~= "string") then
        error("the workload lacks `check`, a checker's name and options", 0)
    end
    for request, fields in pairs(definition.requests) do
        for field, kind in pairs(fields) do
            if KINDS[kind] == nil then
                error(raw_format("the field %s of %s has no known kind: %s", field, request,
                    tostring(kind)), 0)
            end
        end
    end
end

local function known_faults()
    local names = {}
    for name in pairs(faults) do names[#names + 1] = name end
    return table.concat(names, ", ")
end

-- What the file says about faults, checked; null: nothing.
function allowed_faults(definition)
    local list = definition.faults
    if list == nil then return null end
    if type(list) ~= "table" or #list == 0 then
        error("`faults` of the workload is a list of names, such as { \"partition\", \"loss\" }", 0)
    end
    local known = {}
    for i, kind in ipairs(list) do
        if type(kind) ~= "string" or faults[kind] == nil then
            error(raw_format("`faults` of the workload: there is no fault %s; there are %s",
                json_text(kind), known_faults()), 0)
        end
        known[i] = kind
    end
    return array(known)
end

-- Asked for before the run, so that an option that makes no sense to the checker costs no time.
local function ask_check(w)
    local check = w.workload.check
    if type(check) == "function" then check = check(w) end
    local options = {}
    for k, v in pairs(check) do
        if k ~= 1 then options[k] = v end
    end
    sys.check(check[1], options)
end

-- Tasks: their own object `w` on top of this one, in files of their own.
local shared = {
    World = World, random = random, to_ns = to_ns, raw_next = raw_next, clock = clock, faults = faults,
    nemesis = nemesis, work = work, new_client = new_client, check_init_reply = check_init_reply,
}
local prepare_task = sys.part("task")(sys, shared)

-- Checks a scenario and the options of the run; gives the function that is its whole story. decisions:
-- what is not to be drawn (decide.lua), or nil; part: of a task, or nil.
function prepare(definition, options, decisions, part)
    if definition.is_task then return prepare_task(definition, options, part) end
    check_definition(definition)
    allowed_faults(definition)
    for _, kind in ipairs(options.nemesis) do
        if faults[kind] == nil then
            error(raw_format("--nemesis %s: there is no such fault; there are %s", kind,
                known_faults()), 0)
        end
    end
    if options.rate == null then options.rate = math.huge end
    definition.idempotent = definition.idempotent or {}
    local w = setmetatable({ workload = definition, options = options, held = {}, clock_held = {},
        clocks = {}, state = {},
        node_names = sys.node_names(), node_numbers = {}, decided = decisions }, World)
    for i, name in ipairs(w.node_names) do w.node_numbers[name] = i - 1 end
    w.timeout_ns = to_ns(definition.timeout and definition.timeout(w) or 5)
    ask_check(w)
    return function() run_workload(w) end
end
