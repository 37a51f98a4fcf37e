-- Task 11: the table of requests, once more, and everything that can be wrong with a body. n1 answers at
-- once, so what was accepted is over at once and cannot be mistaken for the effect of something refused.

local common = require "common"

-- Fields in order: name, kind, low, high; a fifth entry marks a field with a default.
local SCHEMAS = {
    inspect = { { "payload", "any" } },
    whoami = {},
    echo = { { "echo", "any" } },
    wait = { { "ms", "integer", 0, 3600000 } },
    proxy = { { "target", "member" }, { "inner", "request" }, { "timeout_ms", "integer", 0, 3600000 } },
    relay = { { "target", "member" }, { "inner", "request" }, { "timeout_ms", "integer", 0, 3600000 },
        { "attempts", "integer", 1, 100 }, { "base_ms", "integer", 0, 3600000, true },
        { "cap_ms", "integer", 0, 3600000, true } },
    batch = { { "calls", "calls" }, { "timeout_ms", "integer", 0, 3600000 } },
    start = { { "target", "member" }, { "inner", "request" }, { "ttl_ms", "integer", 0, 3600000 },
        { "tag", "any" } },
    pending = {},
}
local TYPES = { "inspect", "whoami", "echo", "wait", "proxy", "relay", "batch", "start", "pending" }

-- Raw texts of values: good ones and bad ones of each kind. Some good ones can only be spelled as text.
local GOOD = {
    any = { "null", "false", "0", '""', "[]", "{}", '"x"' },
    integer = { "100", "1e2", "100.0", "1.0E2", "7" },
    member = { '"n1"', '"n0"' },
    request = { '{"type":"echo","echo":1}', '{"echo":[],"type":"echo","more":null}' },
    calls = { "[]", '[{"target":"n1","inner":{"type":"echo","echo":1}}]',
        '[{"inner":{"type":"echo","echo":1},"target":"n1","more":1},' ..
            '{"target":"n0","inner":{"type":"echo","echo":2}}]' },
}
local BAD = {
    any = {},
    integer = { "null", "true", '"7"', '""', "[]", "[7]", "{}", "2.5", "-1", "3600001", "1e9", "-1e9" },
    member = { "null", "true", "7", "[]", '["n1"]', "{}", '""', '"n2"', '"N1"', '"c1"' },
    request = { "null", "true", "7", '"echo"', "[]", '["type"]', "{}", '{"type":null}', '{"type":7}',
        '{"Type":"echo"}' },
    calls = { "null", "true", "7", '"x"', "{}", "[null]", "[[]]", "[{}]", '[{"target":"n1"}]',
        '[{"inner":{"type":"echo"}}]', '[{"target":"n9","inner":{"type":"echo"}}]',
        '[{"target":"n1","inner":{"type":"echo","echo":1}},{"target":"n1","inner":{}}]',
        '{"target":"n1","inner":{"type":"echo"}}' },
}
local OUT_OF_BOUNDS = { attempts = { "0", "101", "1e3" } }

return task {
    nodes = 1,
    peers = 1,
    run = function(w)
        local c, book = w:client(), common.book()
        w:play("n1", function() return { type = "echo_ok", echo = 1 } end)

        -- fields: name -> raw text; a field that is not in it is left out.
        local function write(kind, fields)
            local _, call = c:line("n0", { type = kind })
            local parts = { '"type":"' .. kind .. '"', '"msg_id":' .. call.msg_id }
            for name, text in pairs(fields) do parts[#parts + 1] = '"' .. name .. '":' .. text end
            local body = "{" .. table.concat(w:shuffle(parts), ",") .. "}"
            w:write("n0", '{"src":"' .. c.name .. '","dest":"n0","body":' .. body .. "}\n")
            return common.note(book, call), body
        end

        local function good_fields(kind)
            local fields = {}
            for _, field in ipairs(SCHEMAS[kind]) do
                if not field[5] or w:random(1, 2) == 1 then fields[field[1]] = w:pick(GOOD[field[2]]) end
            end
            return fields
        end

        local function refused(kind, fields, name)
            local before = w:count { from = "n0", to_kind = "node" }
            local call, body = write(kind, fields)
            local reply = common.at_once(w, call)
            if reply.type ~= "error" or reply.code ~= 12 or reply.field ~= name then
                w:fail { what = "the answer to " .. body, about = call, seen = json_text(reply),
                    expected = 'an error with code 12 and field "' .. name .. '"' }
            end
            w:sleep("1ms")
            w:expect("messages to members because of the refused " .. body,
                w:count { from = "n0", to_kind = "node" } - before, 0, call)
        end

        local function accepted(kind, fields)
            local call, body = write(kind, fields)
            w:sleep("1ms")
            if call.reply ~= nil and call.reply.code == 12 then
                w:fail { what = "the answer to " .. body, expected = "no error: nothing is wrong with it",
                    seen = json_text(call.reply), about = call }
            end
        end

        local function each_field(fn)
            for _, kind in ipairs(TYPES) do
                for _, field in ipairs(SCHEMAS[kind]) do fn(kind, field) end
            end
        end

        w:step("good requests are accepted, unknown fields ignored", function()
            for _, kind in ipairs(TYPES) do
                for i = 1, 8 do
                    local fields = good_fields(kind)
                    if i % 2 == 0 then fields["x-new"] = w:pick(GOOD.any) end
                    accepted(kind, fields)
                end
            end
        end)

        w:step("a field that is missing is named", function()
            each_field(function(kind, field)
                local fields = good_fields(kind)
                fields[field[1]] = nil
                if field[5] then accepted(kind, fields) else refused(kind, fields, field[1]) end
            end)
        end)

        w:step("a field of a wrong type is named, null too", function()
            each_field(function(kind, field)
                for _, text in ipairs(BAD[field[2]]) do
                    local fields = good_fields(kind)
                    fields[field[1]] = text
                    refused(kind, fields, field[1])
                end
            end)
        end)

        w:step("bounds are held to the last number", function()
            each_field(function(kind, field)
                if field[2] ~= "integer" then return end
                for _, at in ipairs { { field[3], true }, { field[4], true }, { field[3] - 1 },
                    { field[4] + 1 } } do
                    local fields = good_fields(kind)
                    fields[field[1]] = tostring(at[1])
                    if at[2] then accepted(kind, fields) else refused(kind, fields, field[1]) end
                end
                for _, text in ipairs(OUT_OF_BOUNDS[field[1]] or {}) do
                    local fields = good_fields(kind)
                    fields[field[1]] = text
                    refused(kind, fields, field[1])
                end
            end)
        end)

        w:step("1e2 is an integer, 2.5 and \"7\" are none", function()
            each_field(function(kind, field)
                if field[2] ~= "integer" then return end
                for _, text in ipairs { "1e2", "100.0", "1000e-1", "2.5", "99.999", '"7"' } do
                    local fields = good_fields(kind)
                    fields[field[1]] = text
                    if tonumber(text) == 100 then
                        accepted(kind, fields)
                    else
                        refused(kind, fields, field[1])
                    end
                end
            end)
        end)

        w:step("of several bad fields the first in order is named", function()
            for _, kind in ipairs { "proxy", "relay", "batch", "start" } do
                for _ = 1, 20 do
                    local fields, first = good_fields(kind), nil
                    for _, field in ipairs(SCHEMAS[kind]) do
                        if #BAD[field[2]] > 0 and w:random(1, 2) == 1 then
                            fields[field[1]] = w:pick(BAD[field[2]])
                            first = first or field[1]
                        end
                    end
                    if first then refused(kind, fields, first) else accepted(kind, fields) end
                end
            end
        end)

        w:step("2,000 random bodies", function()
            for _ = 1, 2000 do
                local kind = w:pick(TYPES)
                local fields, first = good_fields(kind), nil
                for _, field in ipairs(SCHEMAS[kind]) do
                    local fate = w:random(1, 12)
                    if fate == 1 and not field[5] then
                        fields[field[1]] = nil
                        first = first or field[1]
                    elseif fate == 2 and #BAD[field[2]] > 0 then
                        fields[field[1]] = w:pick(BAD[field[2]])
                        first = first or field[1]
                    end
                end
                if first then refused(kind, fields, first) else accepted(kind, fields) end
            end
        end)

        w:step("each refused request has exactly one reply", function()
            for _, call in ipairs(book.calls) do
                if call.reply and call.reply.code == 12 then w:expect("replies", #call.replies, 1, call) end
            end
        end)
    end,
}
