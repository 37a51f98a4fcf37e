-- common.lua: what the scenarios of this track share.

local common = { AT_ONCE = "5ms" }

-- Milliseconds between two times of w:now(), to the microsecond, for people and for expectations.
function common.ms(from, to) return math.floor((to - from) * 1000000 + 0.5) / 1000 end

-- The calls of a story, to be counted at its end.
function common.book()
    return { calls = {} }
end

function common.note(book, call)
    book.calls[#book.calls + 1] = call
    return call
end

-- The last step of most stories: nobody was forgotten, nobody was answered twice.
function common.exactly_one_reply(w, book)
    w:step("each request has exactly one reply, with its own in_reply_to", function()
        w:sleep("1s")
        for _, call in ipairs(book.calls) do
            w:expect("replies to " .. call.member.name .. "'s request " .. call.msg_id .. " (" ..
                tostring(call.body.type) .. ")", #call.replies, 1, call)
        end
    end)
end

-- The reply of a call that must come at once.
function common.at_once(w, call)
    local reply = call:wait(common.AT_ONCE)
    if reply == nil then
        w:fail { what = call.dest .. " answers " .. tostring(call.body.type) .. " at once",
            expected = "a reply within 5 ms", seen = "no reply", about = call }
    end
    return reply
end

-- The reply of a call, which must come so many milliseconds after it was sent, give or take 5. `timers`
-- says how many timers have to fire one after the other until then: each may round up to the next
-- millisecond.
function common.after(w, call, ms, timers)
    local tolerance = 5 + (timers or 0)
    local reply, at = call:wait((ms + tolerance) / 1000)
    if reply == nil then
        w:fail { what = call.dest .. " answers " .. tostring(call.body.type), about = call,
            expected = "a reply " .. ms .. " ms after the request, give or take " .. tolerance,
                seen = "no reply by then" }
    end
    w:expect_near("milliseconds from the request to its reply", common.ms(call.sent_at, at), ms, tolerance,
        call)
    return reply
end

function common.is_ok(w, call, reply)
    w:expect("the type of the reply", reply.type, call.body.type .. "_ok", call)
    return reply
end

-- An error with this code.
function common.is_error(w, call, reply, code)
    w:expect("the type of the reply", reply.type, "error", call)
    w:expect("the code of the error", reply.code, code, call)
    return reply
end

-- An echo that must come back at once: that the node is well.
function common.echo(w, book, client, node)
    local value = w:random(1, 1000000)
    local call = common.note(book, client:begin(node, { type = "echo", echo = value }))
    local reply = common.is_ok(w, call, common.at_once(w, call))
    w:expect("the echo", reply.echo, value, call)
end

-- body without the numbers that mean something between two nodes only.
function common.stripped(body)
    local copy = {}
    for k, v in pairs(body) do
        if k ~= "msg_id" and k ~= "in_reply_to" then copy[k] = v end
    end
    return copy
end

-- Any value; keys hold no NUL, which few libraries let through.
function common.random_value(w, depth)
    local kind = w:random(1, depth > 0 and 8 or 5)
    if kind < 6 then return any.json { depth = 0 } end
    local t = {}
    for i = 1, w:random(0, 4) do
        if kind == 6 then
            t[(any.string { max = 8 }:gsub("%z", ""))] = common.random_value(w, depth - 1)
        else
            t[i] = common.random_value(w, depth - 1)
        end
    end
    return kind == 6 and t or array(t)
end

---------------------------------------------------------------------------------------------------
-- JSON in all its spellings.

local function blanks(w) return w:random(1, 4) == 1 and w:pick { " ", "  ", "\t" } or "" end

local function spell_unit(code) return string.format("\\u%04x", code) end

-- One character: as it is, or escaped; beyond the first plane as a pair of escapes.
local function spell_char(w, code)
    if code >= 0x20 and code ~= 0x22 and code ~= 0x5c and w:random(1, 6) > 1 then return utf8.char(code) end
    if code == 0x22 or code == 0x5c or code == 0x2f then return "\\" .. utf8.char(code) end
    if code == 0x0a and w:random(1, 2) == 1 then return "\\n" end
    if code < 0x10000 then return spell_unit(code) end
    code = code - 0x10000
    return spell_unit(0xd800 + (code >> 10)) .. spell_unit(0xdc00 + (code & 0x3ff))
end

local function spell_string(w, text)
    local parts = {}
    for _, code in utf8.codes(text) do parts[#parts + 1] = spell_char(w, code) end
    return '"' .. table.concat(parts) .. '"'
end

local function spell_number(w, n)
    if math.type(n) == "integer" and w:random(1, 4) == 1 then return n .. w:pick { "e0", ".0", "E+00" } end
    return json_text(n)
end

-- The text of a value, spelled in a way of its own: blanks, order of keys, escapes, numbers (but for
-- msg_id).
function common.spell(w, value)
    if value == null or type(value) == "boolean" then return json_text(value) end
    if type(value) == "number" then return spell_number(w, value) end
    if type(value) == "string" then return spell_string(w, value) end
    local parts = {}
    if is_array(value) then
        for i, v in ipairs(value) do parts[i] = blanks(w) .. common.spell(w, v) .. blanks(w) end
        return "[" .. table.concat(parts, ",") .. "]"
    end
    local keys = {}
    for k in pairs(value) do keys[#keys + 1] = k end
    for i, k in ipairs(w:shuffle(keys)) do
        local text = k == "msg_id" and json_text(value[k]) or common.spell(w, value[k])
        parts[i] = blanks(w) .. spell_string(w, k) .. blanks(w) .. ":" .. blanks(w) .. text
    end
    return "{" .. table.concat(parts, ",") .. "}"
end

return common
