-- Task 12: Protocol Buffers, read in every order and written in one.

local common = require "common"

local ERR = common.frame("ERR")

---------------------------------------------------------------------------------------------------
-- Writing. A longer varint than needed is still one, so `more` bytes can be added.

local function varint(n, more)
    local parts = {}
    repeat
        local low = n & 127
        n = n >> 7
        parts[#parts + 1] = string.char((n ~= 0 or more) and low | 128 or low)
    until n == 0
    if more then parts[#parts + 1] = ("\128"):rep(more - 1) .. "\0" end
    return table.concat(parts)
end

local function key(number, kind) return varint(number << 3 | kind) end
local function number(at, n, more) return key(at, 0) .. varint(n, more) end
local function bytes(at, b) return key(at, 2) .. varint(#b) .. b end
local function zigzag(n) return (n << 1) ~ -(n >> 63 & 1) end
local function entry(k, v) return bytes(5, bytes(1, k) .. bytes(2, v)) end

local function packed(list)
    local parts = {}
    for i, n in ipairs(list) do parts[i] = varint(n) end
    return bytes(4, table.concat(parts))
end

---------------------------------------------------------------------------------------------------
-- Reading, strictly enough to judge what a server has written.

local function read_varint(b, at)
    local n, shift = 0, 0
    while true do
        local byte = b:byte(at)
        if byte == nil or shift > 63 then error("a varint without an end", 0) end
        n = n | (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128 then return n, at end
    end
end

local SIZES = { [1] = 8, [5] = 4 }

-- The fields of a message: { number =, kind =, value = (of a varint), bytes =, whole = }.
local function fields(b)
    local all, at = {}, 1
    while at <= #b do
        local f, from = {}, at
        local k
        k, at = read_varint(b, at)
        f.number, f.kind = k >> 3, k & 7
        if f.kind == 0 then
            f.value, at = read_varint(b, at)
        else
            local len = SIZES[f.kind]
            if f.kind == 2 then len, at = read_varint(b, at) end
            if len == nil then error("wire type " .. f.kind, 0) end
            f.bytes, at = b:sub(at, at + len - 1), at + len
            if at > #b + 1 then error("a length past the end", 0) end
        end
        f.whole = b:sub(from, at - 1)
        all[#all + 1] = f
    end
    return all
end

local function hex(b) return (b:gsub(".", function(c) return string.format("%02x", c:byte()) end)) end

-- What an envelope says, as a table to be compared and read. Fails the step where it is not written as asked for.
local function judge(w, what, b)
    local good, all = pcall(fields, b)
    if not good then w:fail { what = what, expected = "an Envelope", seen = all .. ": " .. hex(b):sub(1, 200) } end
    local e = { attrs = {}, unknown = "" }
    local last = 0
    for _, f in ipairs(all) do
        local known = f.number <= 7 and f.kind == (({ 0, 2, 0, 2, 2, 2, 2 })[f.number])
        local place = known and f.number or 1000
        if place < last then
            w:fail { what = what .. ": the order of the fields", expected = "the known in the order of their numbers, the unknown last",
                seen = "field " .. f.number .. " after what comes later" }
        end
        last = place
        if not known then
            e.unknown = e.unknown .. hex(f.whole)
        elseif f.number == 5 then
            local k, v = "", ""
            for _, inner in ipairs(fields(f.bytes)) do
                if inner.number == 1 then k = inner.bytes elseif inner.number == 2 then v = inner.bytes end
            end
            if e.attrs[hex(k)] then w:fail { what = what, expected = "each key of attrs once", seen = k .. " twice" } end
            e.attrs[hex(k)] = hex(v)
        elseif e[f.number] then
            w:fail { what = what, expected = "field " .. f.number .. " once", seen = "twice" }
        elseif f.value == 0 or (f.number == 4 and f.bytes == "") then
            w:fail { what = what, expected = "a field that has its default is not written",
                seen = "field " .. f.number .. ", " .. hex(f.whole) }
        else
            e[f.number] = f.value and tostring(f.value) or hex(f.bytes)
        end
    end
    return { id = e[1] or "0", kind = e[2] or "", delta = e[3] or "0", tags = e[4] or "", attrs = e.attrs, put = e[6], get = e[7],
        unknown = e.unknown }
end

return task {
    nodes = 1,
    seeds = 2,
    network = { latency = "1ms" },
    run = function(w)
        local s

        -- The server gets this message; its answer must say the same as wanted, a message in the order of numbers.
        local function gives(what, message, wanted)
            s:send(common.frame(message))
            local header = s:receive(4, "100ms")
            local answer = header and s:receive(string.unpack(">I4", header), "100ms")
            if answer == nil then w:fail { what = "the answer to " .. what, expected = "a frame", seen = "nothing" } end
            if answer == "ERR" then w:fail { what = "the answer to " .. what, expected = "an Envelope", seen = "ERR" } end
            w:expect("the answer to " .. what .. ", " .. common.shown(hex(message)), judge(w, "the answer to " .. what, answer),
                judge(w, what, wanted))
        end

        local function is_bad(what, message)
            s:send(common.frame(message))
            common.receive(w, s, "the answer to " .. what .. ", " .. common.shown(hex(message)), ERR, "100ms")
        end

        local OK = bytes(2, "ok")

        w:step("an envelope comes back, with its id", function()
            s = common.connect(w, common.listen(w, { proto = "pb" }))
            gives("an empty message", "", OK)
            gives("an id", number(1, 7), number(1, 7) .. OK)
            gives("an id and a kind", number(1, 300) .. bytes(2, "hello"), number(1, 300) .. OK)
        end)

        w:step("delta is negated, in zigzag", function()
            for _, n in ipairs { 1, -1, 63, -64, 64, 1000000, -2147483648, 4294967296, math.maxinteger, math.mininteger + 1 } do
                gives("delta " .. n, number(3, zigzag(n)), OK .. number(3, zigzag(-n)))
            end
            local smallest = number(3, zigzag(math.mininteger))
            gives("the smallest delta, which has no counterpart", smallest, OK .. smallest)
        end)

        w:step("numbers of ten bytes, and longer ones than needed", function()
            gives("the largest id", number(1, -1), number(1, -1) .. OK)
            gives("an id of ten bytes that is 5", number(1, 5, 9), number(1, 5) .. OK)
            gives("a key of two bytes", "\136\0\9", number(1, 9) .. OK)
            gives("a tag of ten bytes", bytes(4, varint(77, 9)), OK .. packed { 77 })
        end)

        w:step("defaults are not written", function()
            gives("defaults", number(1, 0) .. bytes(2, "") .. number(3, 0) .. bytes(4, ""), OK)
            gives("a put of nothing", bytes(6, bytes(1, "") .. bytes(2, "")), OK .. bytes(6, ""))
            gives("an id that becomes 0 again", number(1, 5) .. number(1, 0), OK)
        end)

        w:step("tags are taken packed, one by one and mixed, and come sorted", function()
            gives("packed tags", packed { 5, 3, 4294967295, 0, 3 }, OK .. packed { 0, 3, 3, 5, 4294967295 })
            gives("one by one", number(4, 9) .. number(4, 1) .. number(4, 200), OK .. packed { 1, 9, 200 })
            gives("mixed", number(4, 9) .. packed { 1, 300 } .. number(1, 2) .. number(4, 0) .. packed { 7 },
                number(1, 2) .. OK .. packed { 0, 1, 7, 9, 300 })
        end)

        w:step("attrs are a map", function()
            gives("two", entry("a", "1") .. entry("b", "\0\255"), OK .. entry("a", "1") .. entry("b", "\0\255"))
            gives("a key twice", entry("a", "1") .. entry("b", "2") .. entry("a", "3"), OK .. entry("a", "3") .. entry("b", "2"))
            gives("value before key", bytes(5, bytes(2, "v") .. bytes(1, "k")), OK .. entry("k", "v"))
            gives("no key, no value", bytes(5, bytes(1, "k")) .. bytes(5, bytes(2, "v")), OK .. entry("k", "") .. entry("", "v"))
        end)

        w:step("of two bodies the last counts, of the same one all", function()
            local put, get = bytes(6, bytes(1, "k") .. bytes(2, "v")), bytes(7, bytes(1, "g"))
            gives("a put", put, OK .. put)
            gives("a get", get, OK .. get)
            gives("put, get", put .. get, OK .. get)
            gives("get, put", get .. put, OK .. put)
            gives("put, get, put", put .. get .. bytes(6, bytes(2, "w")), OK .. bytes(6, bytes(2, "w")))
            gives("a put in two parts", bytes(6, bytes(1, "k")) .. bytes(6, bytes(2, "v")), OK .. put)
        end)

        w:step("fields in any order, the last of a kind counts", function()
            gives("backwards",
                bytes(7, bytes(1, "g")) .. entry("a", "1") .. packed { 2, 1 } .. number(3, 1) .. bytes(2, "x") .. number(1, 8),
                number(1, 8) .. OK .. number(3, 2) .. packed { 1, 2 } .. entry("a", "1") .. bytes(7, bytes(1, "g")))
            gives("an id three times", number(1, 1) .. number(3, 4) .. number(1, 2) .. number(3, 6) .. number(1, 3),
                number(1, 3) .. OK .. number(3, 5))
        end)

        w:step("unknown fields are kept as they came", function()
            local unknown = number(8, 5) .. number(100, 7, 4) .. key(9, 1) .. "12345678" .. key(536870911, 5) .. "abcd" .. bytes(15, "\0x")
            gives("fields of all types", unknown .. number(1, 4), number(1, 4) .. OK .. unknown)
            gives("fields between known ones", number(8, 1) .. number(1, 4) .. bytes(8, "two") .. number(3, 2),
                number(1, 4) .. OK .. number(3, 1) .. number(8, 1) .. bytes(8, "two"))
            gives("known numbers of another type", bytes(1, "id?") .. key(3, 5) .. "1234" .. number(2, 1),
                OK .. bytes(1, "id?") .. key(3, 5) .. "1234" .. number(2, 1))
            gives("unknown fields of a put", bytes(6, number(3, 1) .. bytes(1, "k")), OK .. bytes(6, bytes(1, "k") .. number(3, 1)))
        end)

        w:step("what is cut off or malformed is ERR, and the connection stays", function()
            local fine = {}
            local parts = { number(1, 300), bytes(2, "kind"), packed { 1, 300 }, entry("k", "v"), bytes(6, bytes(1, "k")),
                key(9, 1) .. "12345678", key(10, 5) .. "1234" }
            local whole = ""
            for _, part in ipairs(parts) do
                fine[#whole] = true
                whole = whole .. part
            end
            for n = 0, #whole - 1 do
                if not fine[n] then is_bad("the first " .. n .. " bytes", whole:sub(1, n)) end
            end
            is_bad("a varint of eleven bytes", number(1, 5, 10))
            is_bad("a length of four billion", key(2, 2) .. varint(0xffffffff) .. "x")
            is_bad("a length of 2^64 - 1", key(2, 2) .. varint(-1) .. "x")
            is_bad("field number 0", number(0, 1))
            is_bad("a group", key(8, 3) .. key(8, 4))
            is_bad("wire type 6", key(8, 6) .. "x")
            is_bad("half a tag in a packed list", bytes(4, "\1\128"))
            is_bad("a put that is cut off", bytes(6, "\10\5ab"))
            is_bad("an attribute that is cut off", bytes(5, "\10\5ab"))
            gives("a good one", number(1, 1), number(1, 1) .. OK)
        end)

        w:step("300 random envelopes", function()
            for i = 1, 300 do
                local sent = {}
                local id, delta, tags, attrs, last, unknown = 0, 0, {}, {}, nil, {}
                for _ = 1, w:random(0, 12) do
                    local kind = w:random(1, 7)
                    local function n() return w:random(0, 1) == 0 and w:random(0, 300) or w:random(0, 2147483647) << w:random(0, 31) end
                    if kind == 1 then id = n() sent[#sent + 1] = number(1, id) end
                    if kind == 2 then delta = w:random(0, 1) * 2 * n() - n() sent[#sent + 1] = number(3, zigzag(delta)) end
                    if kind == 3 then
                        local more = {}
                        for k = 1, w:random(1, 4) do more[k] = n() & 0xffffffff end
                        sent[#sent + 1] = w:random(0, 1) == 0 and packed(more) or number(4, more[1])
                        if sent[#sent]:byte() & 7 == 0 then more = { more[1] } end
                        for _, t in ipairs(more) do tags[#tags + 1] = t end
                    end
                    if kind == 4 then
                        local k, v = w:pick { "a", "b", "" }, common.noise(w, w:random(0, 5))
                        attrs[k] = v
                        sent[#sent + 1] = entry(k, v)
                    end
                    if kind == 5 then
                        local at = last and last.at or w:pick { 6, 7 }
                        last = { at = at, key = any.string { max = 5 } }
                        sent[#sent + 1] = bytes(at, bytes(1, last.key))
                    end
                    if kind >= 6 then
                        unknown[#unknown + 1] = number(w:random(8, 2000), n())
                        sent[#sent + 1] = unknown[#unknown]
                    end
                end
                local wanted = { id ~= 0 and number(1, id) or "", OK, delta ~= 0 and number(3, zigzag(-delta)) or "" }
                table.sort(tags)
                if #tags > 0 then wanted[#wanted + 1] = packed(tags) end
                for k, v in pairs(attrs) do wanted[#wanted + 1] = entry(k, v) end
                if last then wanted[#wanted + 1] = bytes(last.at, last.key ~= "" and bytes(1, last.key) or "") end
                gives("envelope " .. i, table.concat(sent), table.concat(wanted) .. table.concat(unknown))
            end
        end)
    end,
}
