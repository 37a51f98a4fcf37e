-- Task 1: bytes become messages. One node, one client; many values, many spellings, many ways to cut them.

local common = require "common"

local function kind_of(v)
    if v == null then return "null" end
    if type(v) == "boolean" then return "bool" end
    if type(v) ~= "table" then return type(v) end
    return is_array(v) and "list" or "object"
end

local function length_of(v)
    if type(v) == "string" then return utf8.len(v) end
    if type(v) ~= "table" then return 0 end
    local count = 0
    for _ in pairs(v) do count = count + 1 end
    return count
end

-- The line of an inspect request in some spelling, and the call that its reply will belong to.
local function inspect(w, book, c, payload)
    local _, call = c:line("n0", { type = "inspect", payload = payload })
    common.note(book, call)
    return common.spell(w, { src = c.name, dest = "n0",
        body = { type = "inspect", msg_id = call.msg_id, payload = payload } }) .. "\n", call
end

local function check(w, call, payload)
    local reply = common.at_once(w, call)
    local shown = #json_text(payload) < 100 and json_text(payload) or "the payload"
    w:expect("the type of the reply to inspect of " .. shown, reply.type, "inspect_ok", call)
    w:expect("the kind of " .. shown, reply.kind, kind_of(payload), call)
    w:expect("the length of " .. shown, reply.length, length_of(payload), call)
    w:expect("the payload that comes back", reply.payload, payload, call)
end

local function nested(depth)
    local v = 1
    for i = 1, depth do v = i % 2 == 0 and array { v } or { inner = v } end
    return v
end

return task {
    nodes = 1,
    run = function(w)
        local c, book = w:client(), common.book()

        w:step("a value of each kind is described and given back", function()
            for _, payload in ipairs { null, true, 7, -2.5, "e", "é", "日本", "😀", "", array {},
                array { 1, "x" }, { a = 1 } } do
                local line, call = inspect(w, book, c, payload)
                w:write("n0", line)
                check(w, call, payload)
            end
        end)

        w:step("500 random payloads in many spellings", function()
            for i = 1, 500 do
                local payload = i % 50 == 0 and nested(i % 100 == 0 and 60 or 59) or
                    i % 50 == 1 and w:pick { 9007199254740991, -9007199254740991 } or
                        common.random_value(w, 4)
                local line, call = inspect(w, book, c, payload)
                w:write("n0", line)
                check(w, call, payload)
            end
        end)

        w:step("a message whose pieces arrive one by one", function()
            for _ = 1, 10 do
                local payload = array { "äöü 日本 😀 \n", common.random_value(w, 3) }
                local line, call = inspect(w, book, c, payload)
                local from = 1
                while from <= #line do
                    local to = math.min(#line, from + w:random(0, 40))
                    w:write("n0", line:sub(from, to))
                    from = to + 1
                    if from <= #line then w:sleep("10ms") end
                end
                check(w, call, payload)
            end
        end)

        w:step("twenty messages in one write, and half of the next", function()
            local text, calls, payloads = "", {}, {}
            for i = 1, 21 do
                payloads[i] = common.random_value(w, 3)
                local line
                line, calls[i] = inspect(w, book, c, payloads[i])
                text = text .. line
            end
            local last = text:match("[^\n]*\n$")
            local cut = #text - w:random(1, #last - 1)
            w:write("n0", text:sub(1, cut))
            for i = 1, 20 do check(w, calls[i], payloads[i]) end
            w:sleep("10ms")
            w:write("n0", text:sub(cut + 1))
            check(w, calls[21], payloads[21])
        end)

        w:step("lines of every length up to nearly the limit", function()
            for _, length in ipairs { 4000, 4095, 4096, 4097, 8192, 65535, 65536, 65537, 300000,
                1048000 } do
                local payload = ("messenger "):rep(length // 10 + 1):sub(1, length)
                local _, call = c:line("n0", { type = "inspect", payload = payload })
                common.note(book, call)
                w:write("n0", json_text { src = c.name, dest = "n0", body = call.body } .. "\n")
                check(w, call, payload)
            end
        end)

        common.exactly_one_reply(w, book)
    end,
}
