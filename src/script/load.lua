-- load.lua: many things at once: strands, and clients that work at a rate and leave a history.

local env = ...
local sys, World, shared = env.sys, env.World, env.shared
local misuse, need, duration, show = env.misuse, env.need, env.duration, env.show
local SECOND = env.SECOND

---------------------------------------------------------------------------------------------------
-- Strands and time.

-- Runs fn(item, place) for each item in a strand of its own, waits for all, and gives what they gave.
function World:all(list, fn)
    need(list, "table", "w:all: the list")
    need(fn, "function", "w:all: the second argument")
    local results, places = {}, {}
    for i = 1, #list do places[i] = i end
    self:each(places, function(i) results[i] = fn(list[i], i) end)
    return results
end

function World:spawn(fn, ...)
    return sys.spawn(need(fn, "function", "w:spawn: its argument"), ...)
end

function World:sleep(time) sys.sleep_until(sys.now() + duration(time, "w:sleep")) end

function World:sleep_until(time)
    if type(time) ~= "number" then
        misuse("w:sleep_until: a time in seconds as w:now() gives it, not %s", show(time))
    end
    sys.sleep_until(math.max(sys.now(), math.floor(time * SECOND + 0.5)))
end

local Timer = {}
Timer.__index = Timer

function Timer:off() self.over = true end

-- Calls fn(count) at once and then every so often, until the handle is off. A call that takes longer than
-- that delays the next.
function World:every(time, fn)
    local gap_ns = duration(time, "w:every")
    need(fn, "function", "w:every: the second argument")
    if gap_ns < 1 then misuse("w:every: it cannot be every 0 s") end
    local timer = setmetatable({ over = false, count = 0 }, Timer)
    sys.spawn(function()
        local due_ns = sys.now()
        while not timer.over do
            timer.count = timer.count + 1
            fn(timer.count)
            due_ns = math.max(due_ns + gap_ns, sys.now())
            sys.sleep_until(due_ns)
        end
    end)
    return timer
end

---------------------------------------------------------------------------------------------------
-- Load.

local LOAD_FIELDS = { clients = true, rate = true, during = true, op = true, invoke = true, requests = true,
    nodes = true, timeout = true, idempotent = true, keeps_clients = true }

local function check_load(load)
    for key in pairs(load) do
        if not LOAD_FIELDS[key] then misuse("w:load: there is no `%s`", tostring(key)) end
    end
    need(load.invoke, "function", "w:load: invoke")
    if load.op == nil then
        misuse("w:load: `op` is missing: the next operation, { f =, value = }, or a function that gives it")
    end
    local rate = load.rate
    if rate ~= "max" and (type(rate) ~= "number" or rate <= 0) then
        misuse("w:load: rate is a number of operations a second above 0, or \"max\", not %s", show(rate))
    end
    if math.type(load.clients or 1) ~= "integer" or (load.clients or 1) < 1 then
        misuse("w:load: clients is a whole number from 1, not %s", show(load.clients))
    end
end

local function percentile(sorted, p)
    if #sorted == 0 then return 0 end
    return sorted[math.max(1, math.ceil(#sorted * p))] / SECOND
end

-- The world as workers see it: theirs is the workload, everything else is the task's.
local function world_of(w, load, counts)
    local number = 0
    return setmetatable({
        options = { concurrency = load.clients or 1 },
        timeout_ns = load.timeout and duration(load.timeout, "w:load") or w.timeout_ns,
        workload = {
            requests = load.requests or {},
            invoke = load.invoke, idempotent = load.idempotent or {}, keeps_clients = load.keeps_clients,
            op = function(lw, worker)
                number = number + 1
                if type(load.op) == "function" then return load.op(lw, number, worker) end
                return load.op
            end,
        },
        tally = function(kind, began_ns)
            counts[kind] = counts[kind] + 1
            if kind == "ok" then counts.times[#counts.times + 1] = sys.now() - began_ns end
        end,
    }, { __index = w })
end

function World:load(load)
    check_load(need(load, "table", "w:load: its argument"))
    local counts = { ok = 0, fail = 0, info = 0, times = {} }
    local lw = world_of(self, load, counts)
    local nodes, workers = load.nodes or self.nodes, {}
    local first = self.next_process or 0
    for i = 1, lw.options.concurrency do
        local node = self.node_numbers[nodes[(i - 1) % #nodes + 1]]
        workers[i] = { index = i, process = first + i - 1, node = node, client = shared.new_client(lw, node) }
    end
    local schedule = { due_ns = sys.now(), until_ns = sys.now() + duration(load.during or "10s", "w:load"),
        gap_ns = load.rate == "max" and 0 or SECOND / load.rate }
    self:each(workers, function(worker) shared.work(lw, worker, schedule) end)
    for _, worker in ipairs(workers) do
        self.next_process = math.max(self.next_process or 0, worker.process + 1)
        sys.client_gone(worker.client.endpoint)
    end
    local times = counts.times
    table.sort(times)
    return { ok = counts.ok, fail = counts.fail, info = counts.info,
        count = counts.ok + counts.fail + counts.info,
        p50 = percentile(times, 0.5), p99 = percentile(times, 0.99), max = percentile(times, 1) }
end
