-- Task 9: MessagePack, read in every spelling and written in the shortest.

local common = require "common"

local BAD = common.frame("\163bad")

-- The shortest form of a length: inside of the mark, or in one, two or four bytes.
local function length(n, fix, fix_max, mark8, mark16)
    if fix and n <= fix_max then return string.char(fix | n) end
    if mark8 and n <= 255 then return string.char(mark8, n) end
    if n <= 65535 then return string.pack(">BI2", mark16, n) end
    return string.pack(">BI4", mark16 + 1, n)
end

local function str(s) return length(#s, 0xa0, 31, 0xd9, 0xda) .. s end
local function bin(s) return length(#s, nil, nil, 0xc4, 0xc5) .. s end
local function list(n) return length(n, 0x90, 15, nil, 0xdc) end
local function map(n) return length(n, 0x80, 15, nil, 0xde) end

local function int(n)
    if n >= 0 then
        if n < 128 then return string.char(n) end
        if n <= 0xff then return string.pack(">BI1", 0xcc, n) end
        if n <= 0xffff then return string.pack(">BI2", 0xcd, n) end
        if n <= 0xffffffff then return string.pack(">BI4", 0xce, n) end
        return string.pack(">Bi8", 0xcf, n)
    end
    if n >= -32 then return string.pack(">i1", n) end
    if n >= -128 then return string.pack(">Bi1", 0xd0, n) end
    if n >= -32768 then return string.pack(">Bi2", 0xd1, n) end
    if n >= -2147483648 then return string.pack(">Bi4", 0xd2, n) end
    return string.pack(">Bi8", 0xd3, n)
end

-- Every way to write n, the shortest among them.
local function spellings(n)
    local all = { int(n) }
    local function add(low, high, format, mark)
        if n >= low and n <= high then all[#all + 1] = string.pack(format, mark, n) end
    end
    add(0, 0xff, ">BI1", 0xcc)
    add(0, 0xffff, ">BI2", 0xcd)
    add(0, 0xffffffff, ">BI4", 0xce)
    add(0, math.maxinteger, ">Bi8", 0xcf)
    add(-128, 127, ">Bi1", 0xd0)
    add(-32768, 32767, ">Bi2", 0xd1)
    add(-2147483648, 2147483647, ">Bi4", 0xd2)
    add(math.mininteger, math.maxinteger, ">Bi8", 0xd3)
    return all
end

-- A value in a random spelling, and in the shortest.
local function random_value(w, depth)
    local kind = w:random(1, depth > 0 and 8 or 6)
    if kind == 1 then
        local c = w:pick { "\192", "\194", "\195" }
        return c, c
    elseif kind <= 3 then
        local n = w:random(0, 1) == 0 and w:random(-300, 300) or w:random(-2147483648, 2147483647) << w:random(0, 32)
        return w:pick(spellings(n)), int(n)
    elseif kind == 4 then
        local f = string.pack(">Bd", 0xcb, w:random() * 1e6 - 5e5)
        return f, f
    elseif kind <= 6 then
        local s = common.noise(w, w:random(0, 70))
        if kind == 5 then
            return w:pick { str(s), string.pack(">Bs1", 0xd9, s), string.pack(">Bs2", 0xda, s), string.pack(">Bs4", 0xdb, s) },
                str(s)
        end
        return w:pick { bin(s), string.pack(">Bs2", 0xc5, s), string.pack(">Bs4", 0xc6, s) }, bin(s)
    end
    local n = w:random(0, 6)
    local long, short = {}, {}
    for i = 1, kind == 7 and n or 2 * n do long[i], short[i] = random_value(w, depth - 1) end
    long, short = table.concat(long), table.concat(short)
    if kind == 7 then
        return w:pick { list(n), string.pack(">BI2", 0xdc, n), string.pack(">BI4", 0xdd, n) } .. long, list(n) .. short
    end
    return w:pick { map(n), string.pack(">BI2", 0xde, n), string.pack(">BI4", 0xdf, n) } .. long, map(n) .. short
end

return task {
    nodes = 1,
    seeds = 2,
    network = { latency = "1ms" },
    run = function(w)
        local s

        -- The server gets the bytes as one frame, and must answer with these.
        local function gives(what, bytes, wanted)
            s:send(common.frame(bytes))
            common.receive(w, s, "the answer to " .. what .. ", " .. common.shown(bytes), common.frame(wanted))
        end

        local function is_bad(what, bytes)
            s:send(common.frame(bytes))
            common.receive(w, s, "the answer to " .. what .. ", " .. common.shown(bytes), BAD)
        end

        w:step("values come back as they are", function()
            local at = common.listen(w, { proto = "pack" })
            s = common.connect(w, at)
            gives("nil", "\192", "\192")
            gives("false", "\194", "\194")
            gives("true", "\195", "\195")
            gives("1", "\1", "\1")
            gives("-1", "\255", "\255")
            gives("1.5", string.pack(">Bd", 0xcb, 1.5), string.pack(">Bd", 0xcb, 1.5))
            gives("a string", str("hello"), str("hello"))
            gives("bytes", bin("\0\1"), bin("\0\1"))
            local nested = map(2) .. str("b") .. list(3) .. int(1) .. int(300) .. "\192" .. str("a") .. map(0)
            gives("a map, whose keys keep their order", nested, nested)
        end)

        w:step("integers at every border, in every spelling, come back in the shortest", function()
            for _, n in ipairs { 0, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2147483647, 2147483648, 4294967295, 4294967296,
                math.maxinteger, -1, -32, -33, -128, -129, -32768, -32769, -2147483648, -2147483649, math.mininteger } do
                for _, bytes in ipairs(spellings(n)) do gives(tostring(n), bytes, int(n)) end
            end
        end)

        w:step("unsigned numbers of 2^63 and more stay what they are", function()
            for _, bytes in ipairs { "\207\128\0\0\0\0\0\0\0", "\207\255\255\255\255\255\255\255\255" } do
                gives("a large number", bytes, bytes)
            end
        end)

        w:step("strings, bytes, lists and maps at every border", function()
            for _, n in ipairs { 0, 31, 32, 255, 256, 65535, 65536 } do
                local text = common.noise(w, n)
                gives("a string of " .. n, string.pack(">Bs4", 0xdb, text), str(text))
                gives("bytes, " .. n .. " of them", string.pack(">Bs4", 0xc6, text), bin(text))
            end
            for _, n in ipairs { 0, 15, 16, 65535, 65536 } do
                gives("a list of " .. n, string.pack(">BI4", 0xdd, n) .. ("\7"):rep(n), list(n) .. ("\7"):rep(n))
                gives("a map of " .. n, string.pack(">BI4", 0xdf, n) .. ("\1\2"):rep(n), map(n) .. ("\1\2"):rep(n))
            end
        end)

        w:step("a value that is cut off anywhere is bad, and so is one byte too many", function()
            local value = map(3) .. str("key") .. list(2) .. int(70000) .. int(-200) .. bin("xyz") ..
                string.pack(">Bd", 0xcb, 2.5) .. "\1" .. string.pack(">Bs2", 0xda, "long form")
            for n = 0, #value - 1 do is_bad("the first " .. n .. " bytes of a value", value:sub(1, n)) end
            is_bad("a value and one byte", value .. "\192")
            for _, c in ipairs { "\193", "\199\1\5x", "\202\0\0\0\0", "\212\1\1", "\216" .. ("x"):rep(17) } do
                is_bad("a type that is not ours", c)
            end
            gives("the whole value", value, value:gsub("\218\0\9", "\169"))
        end)

        w:step("nesting of 512 is fine, of 513 is bad, of half a million too", function()
            gives("100 lists in each other", ("\145"):rep(100) .. "\1", ("\145"):rep(100) .. "\1")
            gives("512 lists in each other", ("\145"):rep(512) .. "\1", ("\145"):rep(512) .. "\1")
            gives("512 maps in each other", ("\129\1"):rep(512) .. "\1", ("\129\1"):rep(512) .. "\1")
            is_bad("513 lists in each other", ("\145"):rep(513) .. "\1")
            is_bad("half a million lists in each other", ("\145"):rep(500000) .. "\1")
            is_bad("half a million long lists in each other", ("\220\0\1"):rep(300000) .. "\1")
        end)

        w:step("announced lengths cost no memory", function()
            for _, mark in ipairs { "\219", "\198", "\221", "\223" } do
                for _, n in ipairs { "\255\255\255\255", "\127\255\255\255", "\64\0\0\0" } do
                    is_bad("a length that is not there", mark .. n .. ("\1"):rep(15))
                end
            end
            w:expect_at_most("megabytes of memory that the server has used", w:usage("n0").memory_bytes / 1e6, 64)
        end)

        w:step("random values, in random spellings", function()
            local sent, wanted = {}, {}
            for i = 1, 500 do
                local long, short = random_value(w, 5)
                sent[i], wanted[i] = common.frame(long), common.frame(short)
            end
            s:send(table.concat(sent))
            common.receive(w, s, "the answers to 500 values", table.concat(wanted))
        end)
    end,
}
