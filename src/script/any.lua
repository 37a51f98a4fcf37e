-- any.lua: random values, all from the stream "scenario": any.json { depth = 4 }, any.string { max = 20 }.

local env = ...
local World, misuse, show = env.World, env.misuse, env.show

local function draw(low, high) return env.random("scenario", low, high) end

any = {}

function World:pick(list)
    if type(list) ~= "table" or #list == 0 then
        misuse("w:pick: a list that is not empty is wanted, not %s", show(list))
    end
    return list[draw(1, #list)]
end

-- A new list with the same elements in random order.
function World:shuffle(list)
    if type(list) ~= "table" then misuse("w:shuffle: a list is wanted, not %s", show(list)) end
    local all = array {}
    for i, v in ipairs(list) do all[i] = v end
    for i = #all, 2, -1 do
        local j = draw(1, i)
        all[i], all[j] = all[j], all[i]
    end
    return all
end

local function bounds(options, low, high)
    options = options or {}
    local min, max = options.min or low, options.max or high
    if type(min) ~= "number" or type(max) ~= "number" or min > max then
        misuse("any: the bounds %s to %s make no range", show(min), show(max))
    end
    return min, max
end

function any.integer(options)
    local min, max = bounds(options, -(2 ^ 53 - 1) // 1 | 0, (2 ^ 53 - 1) // 1 | 0)
    return draw(min, max)
end

-- Small whole numbers, large ones, fractions and exponents, either sign.
function any.number(options)
    if options ~= nil then
        local min, max = bounds(options, 0, 1)
        return min + (max - min) * draw()
    end
    local kind = draw(1, 5)
    if kind == 1 then return draw(-10, 10) end
    if kind == 2 then return any.integer() end
    if kind == 3 then return draw(-1000000, 1000000) / 1000 end
    local mantissa = draw(-999999, 999999) / 100000
    return mantissa * 10.0 ^ (kind == 4 and draw(-30, 30) or draw(-300, 300))
end

-- Characters that programs get wrong are as likely as plain ones: quotes, controls, accents, other scripts,
-- those beyond 16 bits (two units of UTF-16), and combining ones.
local ALPHABETS = {
    { 0x20, 0x7e }, { 0x61, 0x7a }, { 0x00, 0x1f }, { 0xa0, 0x17f }, { 0x300, 0x36f }, { 0x4e00, 0x9fff },
    { 0xe000, 0xffff }, { 0x10000, 0x1f9ff },
}
local SPECIAL = { 0x22, 0x5c, 0x2f, 0x00, 0x0a, 0x0d, 0x09, 0x2028, 0xfeff, 0xd7ff, 0xe000, 0x10ffff }

local function any_char()
    if draw(1, 8) == 1 then return utf8.char(SPECIAL[draw(1, #SPECIAL)]) end
    local range = ALPHABETS[draw(1, #ALPHABETS)]
    return utf8.char(draw(range[1], range[2]))
end

-- options: min, max (characters; 0 to 20), alphabet (a text of single-byte characters to draw from)
function any.string(options)
    options = options or {}
    local min, max = bounds(options, 0, 20)
    local chars = {}
    for i = 1, draw(min, max) do
        if options.alphabet then
            local at = draw(1, #options.alphabet)
            chars[i] = options.alphabet:sub(at, at)
        else
            chars[i] = any_char()
        end
    end
    return table.concat(chars)
end

function any.bool() return draw(1, 2) == 1 end

-- A value of any kind, nested at most options.depth deep (4), with at most options.width elements in each
-- list or object (4).
function any.json(options)
    options = options or {}
    local depth, width = options.depth or 4, options.width or 4
    local kind = draw(1, depth > 0 and 7 or 5)
    if kind == 1 then return null end
    if kind == 2 then return any.bool() end
    if kind == 3 then return any.number() end
    if kind <= 5 then return any.string() end
    local inner = { depth = depth - 1, width = width }
    local t = {}
    if kind == 6 then
        for i = 1, draw(0, width) do t[i] = any.json(inner) end
        return array(t)
    end
    -- Names with a 0 byte are beyond what many libraries of JSON can hold; values with one are not.
    for _ = 1, draw(0, width) do t[(any.string { max = 8 }:gsub("%z", "0"))] = any.json(inner) end
    return t
end
