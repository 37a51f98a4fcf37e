-- disk.lua: the disks of nodes in a task: what is written, made to fail, lost with the power, rotten.
--
-- A part says `disk = true` for it. What survives a loss of power is said in docs/faults.md.

local env = ...
local sys, World, to_ns = env.sys, env.World, env.to_ns
local misuse, need, show, duration = env.misuse, env.need, env.show, env.duration

local FAIL_OPTIONS = { call = true, nth = true, error = true }
local ROT_OPTIONS = { offset = true, len = true, mask = true }
local CALLS = { read = true, write = true, sync = true, name = true }
local FOREVER = math.maxinteger

local function check_options(options, known, what)
    for key in pairs(need(options, "table", what)) do
        if not known[key] then misuse("%s: there is no option %s", what, tostring(key)) end
    end
end

-- Counts since the beginning: reads, writes, syncs, names (calls), bytes_read, bytes_written, changes, kept_bytes, and
-- whether a file was mapped for writing.
function World:disk(name) return sys.disk(env.node_of(self, name, "w:disk")) end

-- Kills the node, and of what it had not synced some is lost.
function World:lose_power(name)
    local number = env.node_of(self, name, "w:lose_power")
    if self.running[self.node_names[number + 1]] then self:kill(name) end
    sys.disk_lose_power(number)
end

-- Calls fn when the node stands before its nth change from now (1: the next one), which has not happened then. If fn
-- leaves the node alive, it goes on afterwards. Gives a handle: handle.reached, handle:off().
function World:at_change(name, nth, fn)
    local number = env.node_of(self, name, "w:at_change")
    if math.type(nth) ~= "integer" or nth < 1 then misuse("w:at_change: a number from 1 is wanted, not %s", show(nth)) end
    local handle = { reached = false, over = false }
    function handle.off()
        if not handle.over then
            handle.over = true
            sys.disk_trap(number, 0)
        end
    end
    sys.disk_trap(number, nth)
    sys.spawn(function()
        while not handle.over and not sys.disk_trapped(number) do sys.await_event(FOREVER) end
        if handle.over then return end
        handle.over, handle.reached = true, true
        fn()
        sys.disk_trap(number, 0)
    end)
    return handle
end

-- One call to come fails: { call = "read" | "write" | "sync" | "name", nth = 1, error = "EIO" | "ENOSPC" | "short" }.
function World:disk_fail(name, options)
    check_options(options, FAIL_OPTIONS, "w:disk_fail")
    if not CALLS[options.call] then
        misuse('w:disk_fail: call is "read", "write", "sync" or "name", not %s', show(options.call))
    end
    sys.disk_fail(env.node_of(self, name, "w:disk_fail"), options.call, options.nth or 1, options.error or "EIO")
end

-- No more than so many bytes in all files; nil: no limit.
function World:disk_limit(name, bytes)
    sys.disk_limit(env.node_of(self, name, "w:disk_limit"), bytes or 0)
end

-- What calls cost: { write = "1ms", sync = "5ms", ... }.
function World:disk_cost(name, costs)
    check_options(costs, CALLS, "w:disk_cost")
    for call, cost in pairs(costs) do
        sys.disk_cost(env.node_of(self, name, "w:disk_cost"), call, duration(cost, "w:disk_cost"))
    end
end

---------------------------------------------------------------------------------------------------
-- The files themselves.

local function stopped(w, name, what)
    local number = env.node_of(w, name, what)
    if w.running[w.node_names[number + 1]] then
        misuse("%s: %s is running; w:kill it first", what, w.node_names[number + 1])
    end
    return number
end

-- { {path = "wal/1", bytes = 4096}, ... }, by path.
function World:files(name) return sys.disk_files(env.node_of(self, name, "w:files")) end

function World:read_file(name, path) return sys.disk_read(env.node_of(self, name, "w:read_file"), path) end

-- Changes a file of a node that is stopped; content nil removes it. All that is in the folder is durable then.
function World:put_file(name, path, content) sys.disk_put(stopped(self, name, "w:put_file"), path, content) end

-- Bits of the file turn over (mask, default 1), or bytes become zero (mask = 0): { offset = 0, len = 1, mask = 1 }.
function World:rot(name, path, options)
    options = options or {}
    check_options(options, ROT_OPTIONS, "w:rot")
    sys.disk_rot(stopped(self, name, "w:rot"), path, options.offset or 0, options.len or 1, options.mask or 1)
end
