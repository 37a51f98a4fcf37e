-- Task 11: two versions of one service, agreed on by each connection.

local common = require "common"

---------------------------------------------------------------------------------------------------
-- MessagePack, as much of it as the messages need.

local function pack(v)
    if v == null then return "\192" end
    if v == true then return "\195" end
    if v == false then return "\194" end
    if math.type(v) == "integer" then return string.pack(">Bi8", 0xd3, v) end
    if type(v) == "string" then return string.pack(">Bs2", 0xda, v) end
    if v.raw then return v.raw end
    local parts = { string.pack(">BI2", 0xdc, #v) }
    for i, item in ipairs(v) do parts[i + 1] = pack(item) end
    return table.concat(parts)
end

-- A map out of a flat list: name, value, name, value, ...
local function map(flat)
    local parts = { string.pack(">BI2", 0xde, #flat // 2) }
    for _, item in ipairs(flat) do parts[#parts + 1] = pack(item) end
    return table.concat(parts)
end

local unpack_value

local function unpack_many(bytes, at, count, named)
    local all = named and {} or array {}
    for i = 1, count do
        local name, v = i, nil
        if named then name, at = unpack_value(bytes, at) end
        v, at = unpack_value(bytes, at)
        all[name] = v
    end
    return all, at
end

local NUMBERS = { [0xca] = ">f", [0xcb] = ">d", [0xcc] = ">I1", [0xcd] = ">I2", [0xce] = ">I4", [0xcf] = ">i8", [0xd0] = ">i1",
    [0xd1] = ">i2", [0xd2] = ">i4", [0xd3] = ">i8", [0xd9] = ">s1", [0xda] = ">s2", [0xdb] = ">s4", [0xc4] = ">s1", [0xc5] = ">s2",
    [0xc6] = ">s4" }
local COUNTS = { [0xdc] = ">I2", [0xdd] = ">I4", [0xde] = ">I2", [0xdf] = ">I4" }

-- The value that begins at this byte, and where the next one does.
function unpack_value(bytes, at)
    local mark = bytes:byte(at)
    at = at + 1
    if mark < 0x80 then return mark, at end
    if mark < 0x90 then return unpack_many(bytes, at, mark & 15, true) end
    if mark < 0xa0 then return unpack_many(bytes, at, mark & 15, false) end
    if mark < 0xc0 then return bytes:sub(at, at + (mark & 31) - 1), at + (mark & 31) end
    if mark >= 0xe0 then return mark - 256, at end
    if mark == 0xc0 then return null, at end
    if mark == 0xc2 or mark == 0xc3 then return mark == 0xc3, at end
    if NUMBERS[mark] then return string.unpack(NUMBERS[mark], bytes, at) end
    local count, from = string.unpack(COUNTS[mark], bytes, at)
    return unpack_many(bytes, from, count, mark >= 0xde)
end

---------------------------------------------------------------------------------------------------

return task {
    nodes = 1,
    seeds = 2,
    network = { latency = "1ms" },
    run = function(w)
        -- The answer to a request, or nil at the end of the stream.
        local function ask(s, message)
            s:send(common.frame(message))
            local header = s:receive(4, "100ms")
            if header == nil then return nil end
            local payload = s:receive(string.unpack(">I4", header), "100ms")
            if payload == nil then return nil end
            local good, value = pcall(unpack_value, payload, 1)
            if not good then
                w:fail { what = "the server's frame", expected = "MessagePack", seen = common.shown(payload) }
            end
            return value
        end

        local function gives(what, s, message, wanted) w:expect("the answer to " .. what, ask(s, message), wanted) end

        -- A connection on which this version was agreed on.
        local function client(at, versions, version)
            local s = common.connect(w, at)
            gives("versions " .. table.concat(versions, ", "), s, map { "versions", versions }, { version = version })
            return s
        end

        local both, old, v1, v2

        w:step("the highest version that both know", function()
            both = common.listen(w, { proto = "ver", max_version = 2 })
            old = common.listen(w, { proto = "ver", max_version = 1 })
            for _, case in ipairs { { both, { 1 }, 1 }, { both, { 2 }, 2 }, { both, { 1, 2 }, 2 }, { both, { 2, 1 }, 2 },
                { both, { 3, 1, 2 }, 2 }, { both, { 7, 1 }, 1 }, { old, { 1, 2 }, 1 }, { old, { 2, 3, 1 }, 1 } } do
                client(case[1], case[2], case[3]):close()
            end
        end)

        w:step("nothing in common is an error and the end", function()
            for _, case in ipairs { { both, map { "versions", { 3, 4 } } }, { old, map { "versions", { 2 } } },
                { both, map { "versions", array {} } }, { both, map { "version", 2 } }, { both, pack "hello" },
                { both, map { "op", "get", "key", "a" } } } do
                local s = common.connect(w, case[1])
                gives("a client without a version of ours", s, case[2], { error = "version" })
                common.ends(w, s, "that connection", "100ms")
                s:close()
            end
        end)

        w:step("version 1 sets and gets", function()
            v1 = client(both, { 1 }, 1)
            gives("a get of what is not there", v1, map { "op", "get", "key", "a" }, { error = "missing" })
            gives("a set", v1, map { "op", "set", "key", "a", "value", "one" }, { ok = true })
            gives("a get", v1, map { "op", "get", "key", "a" }, { value = "one" })
        end)

        w:step("version 2 sees the same as version 1, and other spaces", function()
            v2 = client(both, { 1, 2 }, 2)
            gives("a get of what version 1 has set", v2, map { "op", "get", "key", "a" }, { val = "one", space = "main" })
            gives("a set in another space", v2, map { "op", "set", "space", "side", "key", "a", "val", "two" },
                { ok = true, space = "side" })
            gives("a get there", v2, map { "op", "get", "space", "side", "key", "a" }, { val = "two", space = "side" })
            gives("a set without a space", v2, map { "op", "set", "key", "b", "val", "three" }, { ok = true, space = "main" })
        end)

        w:step("connections of both versions, in turn", function()
            gives("a get of version 1", v1, map { "op", "get", "key", "a" }, { value = "one" })
            gives("a get of version 2", v2, map { "op", "get", "key", "b" }, { val = "three", space = "main" })
            gives("a set of version 1", v1, map { "op", "set", "key", "b", "value", "four" }, { ok = true })
            gives("a get of version 2", v2, map { "op", "get", "key", "b" }, { val = "four", space = "main" })
            gives("a get of version 1", v1, map { "op", "get", "key", "b" }, { value = "four" })
        end)

        w:step("a set without expect is a set, with expect it depends", function()
            local function set(val, ...) return map { "op", "set", "key", "e", "val", val, ... } end
            gives("a set that expects nothing there", v2, set("first", "expect", null), { ok = true, space = "main" })
            gives("a set that expects nothing there, again", v2, set("second", "expect", null), { error = "expect" })
            gives("a set that expects nothing at all", v2, set "third", { ok = true, space = "main" })
            gives("a set that expects the right value", v2, set("fourth", "expect", "third"), { ok = true, space = "main" })
            gives("a set that expects the wrong value", v2, set("fifth", "expect", "third"), { error = "expect" })
            gives("a get", v2, map { "op", "get", "key", "e" }, { val = "fourth", space = "main" })
            gives("a set that expects a value where there is none", v2,
                map { "op", "set", "key", "none", "val", "x", "expect", "" }, { error = "expect" })
        end)

        w:step("fields that a version does not know change nothing", function()
            local deep = { raw = ("\145"):rep(100) .. "\192" }
            gives("a get of version 1 with a space", v1, map { "space", "side", "op", "get", "key", "a" }, { value = "one" })
            gives("a set of version 1 with fields of version 2", v1,
                map { "op", "set", "key", "a", "value", "five", "val", "six", "expect", "seven", "space", "side" }, { ok = true })
            gives("a get of version 2", v2, map { "op", "get", "key", "a", "color", "red", "more", deep }, { val = "five", space = "main" })
            gives("a get in the other space", v2, map { "op", "get", "key", "a", "space", "side", "value", 1 },
                { val = "two", space = "side" })
            gives("versions with a field more", common.connect(w, both), map { "agent", "x/2", "versions", { 1, 2 } }, { version = 2 })
        end)

        w:step("what is no request of the version is an error, and the connection stays", function()
            for _, bad in ipairs { pack "get", "\193", map { "op", "get" }, map { "op", "del", "key", "a" }, map { "key", "a" },
                map { "op", "get", "key", 7 } } do
                gives("no request", v1, bad, { error = "request" })
                gives("no request", v2, bad, { error = "request" })
            end
            gives("a set of version 1 with val", v1, map { "op", "set", "key", "a", "val", "x" }, { error = "request" })
            gives("a set of version 2 with value", v2, map { "op", "set", "key", "a", "value", "x" }, { error = "request" })
            gives("a space that is a number", v2, map { "op", "get", "key", "a", "space", 1 }, { error = "request" })
            gives("a good request", v1, map { "op", "get", "key", "a" }, { value = "five" })
        end)

        w:step("the data live through an older server and a newer one", function()
            w:restart("n0")
            old = common.listen(w, { proto = "ver", max_version = 1 })
            v1 = client(old, { 1, 2 }, 1)
            gives("a get of version 1", v1, map { "op", "get", "key", "e" }, { value = "fourth" })
            gives("a set of version 1", v1, map { "op", "set", "key", "a", "value", "eight" }, { ok = true })
            w:restart("n0")
            both = common.listen(w, { proto = "ver", max_version = 2 })
            v2 = client(both, { 2 }, 2)
            gives("a get of version 2", v2, map { "op", "get", "key", "a" }, { val = "eight", space = "main" })
            gives("a get in the other space", v2, map { "op", "get", "key", "a", "space", "side" }, { val = "two", space = "side" })
        end)

        w:step("a model of both versions, 400 requests of four clients", function()
            local clients = { client(both, { 1 }, 1), client(both, { 1, 2 }, 2), client(both, { 1 }, 1), client(both, { 2 }, 2) }
            local data = {}
            for _ = 1, 400 do
                local who = w:random(1, 4)
                local two = who % 2 == 0
                local key, value = w:pick { "", "k", "long key " .. ("x"):rep(40) }, tostring(w:random(1, 5))
                local space = two and w:pick { "main", "side", "" } or "main"
                local request = { "key", key, "space", two and space or "elsewhere" }
                local at = #space .. ":" .. space .. key
                local function add(...) for _, v in ipairs { ... } do request[#request + 1] = v end end
                local wanted
                if w:random(1, 2) == 1 then
                    add("op", "get")
                    wanted = data[at] == nil and { error = "missing" } or { [two and "val" or "value"] = data[at] }
                else
                    add("op", "set", two and "val" or "value", value)
                    local free = true
                    if two and w:random(1, 2) == 1 then
                        local expect = w:pick { null, "1", "2" }
                        add("expect", expect)
                        free = expect == (data[at] == nil and null or data[at])
                    end
                    if free then data[at] = value end
                    wanted = free and { ok = true } or { error = "expect" }
                end
                if two and wanted.error == nil then wanted.space = space end
                gives("a request of version " .. (two and 2 or 1), clients[who], map(request), wanted)
            end
        end)
    end,
}
