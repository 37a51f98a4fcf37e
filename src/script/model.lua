-- model.lua: random operations, compared with a model.
--
--   w:model { steps = 200, state = {...}, draw = function(state, random) -> op,
--             ask = function(op) -> seen, expect = function(state, op) -> wanted (and changes state) }
--
-- All operations are drawn first, against the model alone, so the same seed draws the same ones whatever the
-- node says. Then they are asked one after the other. So a failing sequence can be made shorter: the run is
-- repeated with options.model = { call = 2, keep = {0, 5, 7} }, where of the second w:model of the
-- part only those operations are asked (run/model_shrink.c).

local env = ...
local sys, World = env.sys, env.World
local misuse, need, show = env.misuse, env.need, env.show
local raw_format = string.format
local FIELDS = { steps = true, state = true, draw = true, ask = true, expect = true, name = true }
local SHOWN_MAX = 20

local function copy(v)
    if type(v) ~= "table" then return v end
    if getmetatable(v) == "number" then return v end
    local c = {}
    for k, x in pairs(v) do c[k] = copy(x) end
    return is_array(v) and array(c) or c
end

local function check(m)
    for key in pairs(m) do
        if not FIELDS[key] then misuse("w:model: there is no `%s`", tostring(key)) end
    end
    for _, key in ipairs { "draw", "ask", "expect" } do need(m[key], "function", "w:model: " .. key) end
    if math.type(m.steps or 100) ~= "integer" or (m.steps or 100) < 1 then
        misuse("w:model: steps is a whole number from 1, not %s", show(m.steps))
    end
end

local function start_state(m)
    if type(m.state) == "function" then return m.state() end
    return copy(m.state or {})
end

local function draw_all(m)
    local state, ops = start_state(m), {}
    for i = 1, m.steps or 100 do
        local op = m.draw(state, function(low, high) return env.random("model", low, high) end)
        if op == nil then break end
        ops[i] = op
        m.expect(state, copy(op))
    end
    return ops
end

-- Which operations of this call are asked, by their places from 0.
local function kept(w, call, count)
    local asked = {}
    local only = w.options.model
    if only == nil or only == null or only.call ~= call then
        for i = 1, count do asked[i] = i end
        return asked
    end
    for _, place in ipairs(only.keep) do
        if place < count then asked[#asked + 1] = place + 1 end
    end
    return asked
end

local function evidence(call, asked, done, ops, wanted, seen)
    local places, shown = array {}, array {}
    for i = 1, done do
        places[i] = asked[i] - 1
        if i > done - SHOWN_MAX then shown[#shown + 1] = ops[asked[i]] end
    end
    return { model = { call = call, asked = places, operations = shown,
        expected = wanted == nil and null or wanted, seen = seen == nil and null or seen } }
end

function World:model(m)
    check(need(m, "table", "w:model: its argument"))
    self.model_calls = (self.model_calls or 0) + 1
    local call, ops, state = self.model_calls, draw_all(m), start_state(m)
    local asked = kept(self, call, #ops)
    for i, place in ipairs(asked) do
        local op = ops[place]
        local wanted, seen = m.expect(state, copy(op)), m.ask(op)
        if not env.same(seen, wanted) then
            env.fail { what = raw_format("operation %d of %d: %s", i, #asked, show(op)),
                expected = show(wanted), seen = show(seen),
                evidence = evidence(call, asked, i, ops, wanted, seen) }
        end
    end
    return state
end
