-- clock.lua: the clocks of the nodes go wrong and are set right again.
--
-- A node has one crystal, which counts time, and two clocks over it: the monotonic clock, and the wall
-- clock, which can be set. Below us (cage.h) a clock has an offset of its wall clock and a drift of its
-- crystal. The crystal keeps what it has miscounted when the drift ends, and with it the wall clock. What
-- people mean is simpler: "the wall clock is wrong by 2 s now", "it is right again". So we count what
-- the drift has done so far, and take it off the offset that we set.
--
--   tell(w, node, how)   w:clock: reads how, sets, and writes it into the journal
--   set(w, node, how)    sets { offset_ns =, drift_ppm =, jump_ns = }; what is left out stays as it is
--   describe(w, node)    "n1: wall clock 2 s ahead, both clocks 300 ppm too fast"

local sys, to_ns = ...
local raw_format = string.format
local MILLION, SECOND = 1000000, 1000000000
local DRIFT_PPM_MAX = 500000

local clock = { RIGHT = { offset_ns = 0, drift_ppm = 0 } }

-- ns * ppm / 10^6, without overflow.
local function part(ns, ppm)
    return ns // MILLION * ppm + ns % MILLION * ppm // MILLION
end

local function state(w, node)
    local now = sys.now()
    local c = w.clocks[node]
    if c == nil then
        c = { set_ns = 0, drift_ppm = 0, drifted_ns = 0, since_ns = now }
        w.clocks[node] = c
    end
    c.drifted_ns = c.drifted_ns + part(now - c.since_ns, c.drift_ppm)
    c.since_ns = now
    return c
end

function clock.set(w, node, how)
    local c = state(w, node)
    if how.offset_ns then c.set_ns = how.offset_ns - c.drifted_ns end
    if how.jump_ns then c.set_ns = c.set_ns + how.jump_ns end
    if how.drift_ppm then c.drift_ppm = how.drift_ppm end
    sys.clock(node, c.set_ns, c.drift_ppm)
end

local function size(ns)
    if ns >= SECOND then return raw_format("%.4g s", ns / SECOND) end
    if ns >= MILLION then return raw_format("%.4g ms", ns / MILLION) end
    return raw_format("%d ns", ns)
end

function clock.signed(ns)
    return (ns < 0 and "-" or "+") .. size(math.abs(ns))
end

function clock.describe(w, node)
    local c = state(w, node)
    local off = c.set_ns + c.drifted_ns
    local parts = {}
    if off ~= 0 then
        parts[1] = raw_format("wall clock %s %s", size(math.abs(off)), off > 0 and "ahead" or "behind")
    end
    if c.drift_ppm ~= 0 then
        parts[#parts + 1] = raw_format("both clocks %d ppm too %s", math.abs(c.drift_ppm),
            c.drift_ppm > 0 and "fast" or "slow")
    end
    local text = #parts > 0 and table.concat(parts, ", ") or "clocks right"
    return w.node_names[node + 1] .. ": " .. text
end

---------------------------------------------------------------------------------------------------
-- What scenarios write: { offset = "2s", drift = 300, jump = "-50ms" }

local function signed_ns(time)
    if type(time) == "string" and time:sub(1, 1) == "-" then return -to_ns(time:sub(2)) end
    return to_ns(time)
end

local READERS = {
    offset = function(value) return "offset_ns", signed_ns(value) end,
    jump = function(value) return "jump_ns", signed_ns(value) end,
    drift = function(value)
        if type(value) ~= "number" or value % 1 ~= 0 or math.abs(value) > DRIFT_PPM_MAX then
            error("clock: drift is a whole number of millionths, at most half a million either way", 5)
        end
        return "drift_ppm", value // 1 | 0
    end,
}

local function read(how)
    local what = {}
    if how == nil then return clock.RIGHT end
    for key, value in pairs(how) do
        if READERS[key] == nil then
            error("clock: there is offset, drift and jump, but no " .. tostring(key), 4)
        end
        local name, number = READERS[key](value)
        what[name] = number
    end
    return what
end

function clock.tell(w, node, how)
    local what = read(how)
    local c = state(w, node)
    if c.told then sys.fault("clock", "stop", c.told) end
    c.told = nil
    clock.set(w, node, what)
    if c.drift_ppm ~= 0 or c.set_ns + c.drifted_ns ~= 0 then
        c.told = clock.describe(w, node)
        sys.fault("clock", "start", c.told)
    end
end

return clock
