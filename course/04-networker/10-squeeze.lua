-- Task 10: LZ4, when it pays. The scenario has a decoder and a writer of blocks of its own.

local common = require "common"

local ERR = common.frame("ERR")
local MAX = 1000000

local function raw(payload) return common.frame("\0" .. payload) end
local function packed(block, length) return common.frame(string.pack(">BI4", 1, length) .. block) end

local function more(n)
    local parts = {}
    n = n - 15
    while n >= 255 do parts[#parts + 1], n = "\255", n - 255 end
    return table.concat(parts) .. string.char(n)
end

-- One sequence: literals, then (but in the last one) a copy.
local function sequence(literals, offset, copy)
    local l, c = #literals, copy and copy - 4 or 0
    local bytes = string.char(math.min(l, 15) << 4 | math.min(c, 15)) .. (l >= 15 and more(l) or "") .. literals
    if not copy then return bytes end
    return bytes .. string.pack("<I2", offset) .. (c >= 15 and more(c) or "")
end

-- What a block makes, or nil and why it is none.
local function expand(block, length)
    local out, at, made = {}, 1, 0
    local function number(n)
        if n < 15 then return n end
        while true do
            local b = block:byte(at)
            at, n = at + 1, n + b
            if b < 255 then return n end
        end
    end
    while true do
        local token = block:byte(at)
        at = at + 1
        local literals = number(token >> 4)
        if at + literals - 1 > #block then return nil, "literals beyond its end" end
        for i = at, at + literals - 1 do
            made = made + 1
            out[made] = block:byte(i)
        end
        at = at + literals
        if at > #block then break end
        local offset = string.unpack("<I2", block, at)
        at = at + 2
        local copy = number(token & 15) + 4
        if offset == 0 or offset > made then return nil, "offset " .. offset .. " after " .. made .. " bytes" end
        for _ = 1, copy do
            made = made + 1
            out[made] = out[made - offset]
        end
        if made > length then return nil, "more than " .. length .. " bytes" end
    end
    if made ~= length then return nil, made .. " bytes instead of " .. length end
    local parts = {}
    for i = 1, made, 4096 do parts[#parts + 1] = string.char(table.unpack(out, i, math.min(i + 4095, made))) end
    return table.concat(parts)
end

-- A block of random sequences, and what it makes.
local function random_block(w)
    local blocks, text = {}, ""
    for _ = 1, w:random(1, 12) do
        local literals = common.noise(w, w:pick { 0, 1, 14, 15, 16, 300, w:random(0, 30) })
        text = text .. literals
        if #text == 0 then
            literals = "x"
            text = "x"
        end
        local offset = w:random(1, math.min(#text, w:pick { 1, 3, 400 }))
        local copy = w:pick { 4, 18, 19, 20, 273, 274, 275, w:random(4, 600) }
        blocks[#blocks + 1] = sequence(literals, offset, copy)
        local piece = text:sub(-offset)
        text = text .. piece:rep(copy // offset + 1):sub(1, copy)
    end
    local tail = common.noise(w, w:random(12, 40))
    return table.concat(blocks) .. sequence(tail), text .. tail
end

return task {
    nodes = 1,
    seeds = 2,
    network = { latency = "1ms" },
    run = function(w)
        local s

        -- What the server makes of this frame: the payload, and how long its answer was.
        local function answer(what, frame)
            s:send(frame)
            local head = s:receive(4, "100ms")
            if head == nil then w:fail { what = "the answer to " .. what, expected = "a frame", seen = "nothing" } end
            local bytes = s:receive(string.unpack(">I4", head), "100ms") or ""
            local flag = bytes:byte(1)
            if flag == 0 then return bytes:sub(2), #bytes end
            if flag ~= 1 or #bytes < 6 then
                w:fail { what = "the answer to " .. what, expected = "a frame that begins with 0 or 1", seen = common.shown(bytes) }
            end
            local payload, why = expand(bytes:sub(6), (string.unpack(">I4", bytes, 2)))
            if payload == nil then
                w:fail { what = "the block in the answer to " .. what, expected = "a block of LZ4", seen = why }
            end
            return payload, #bytes
        end

        local function comes_back(what, frame, payload)
            local seen, size = answer(what, frame)
            common.expect_bytes(w, "the payload that came back for " .. what, seen, payload)
            return size
        end

        local function json(count)
            local rows = {}
            for i = 1, count do
                rows[i] = string.format('{"id":%d,"name":"user %d","active":%s,"city":"%s"}', i, w:random(1, 9999),
                    tostring(w:random(0, 1) == 1), w:pick { "Berlin", "Lagos", "Lima", "Osaka" })
            end
            return "[" .. table.concat(rows, ",") .. "]"
        end

        w:step("raw payloads come back", function()
            local at = common.listen(w, { proto = "lz" })
            s = common.connect(w, at)
            for _, payload in ipairs { "hello", "", "x", common.noise(w, 20), ("\0"):rep(13), "abcabcabcabcabcabcabc" } do
                comes_back(common.shown(payload), raw(payload), payload)
            end
        end)

        w:step("compressed payloads are expanded", function()
            comes_back("literals only", packed(sequence("hello"), 5), "hello")
            comes_back("an empty block", packed(sequence(""), 0), "")
            comes_back("fifteen literals", packed(sequence("123456789012345"), 15), "123456789012345")
            comes_back("a copy", packed(sequence("abcdef", 6, 5) .. sequence("12345"), 16), "abcdefabcde12345")
        end)

        w:step("copies that overlap what they write", function()
            comes_back("a run", packed(sequence("a", 1, 300) .. sequence("12345"), 306), ("a"):rep(301) .. "12345")
            comes_back("a run of two", packed(sequence("ab", 2, 20) .. sequence("12345"), 27), ("ab"):rep(11) .. "12345")
            comes_back("a run of three", packed(sequence("xyz", 3, 19) .. sequence("12345"), 27), ("xyz"):rep(8):sub(1, 22) .. "12345")
        end)

        w:step("60 blocks of another encoder", function()
            for i = 1, 60 do
                local block, payload = random_block(w)
                comes_back("block " .. i, packed(block, #payload), payload)
            end
        end)

        w:step("what can be made smaller is sent smaller", function()
            local list = json(2000)
            w:expect_at_most("the size of the answer to a JSON list, in % of it",
                100 * comes_back("a JSON list", raw(list), list) / #list, 35)
            local zeros = ("\0"):rep(MAX)
            w:expect_at_most("the size of the answer to zeros, in %", 100 * comes_back("a million zeros", raw(zeros), zeros) / #zeros, 2)
            local text = ("It was the best of times, it was the worst of times. "):rep(100)
            w:expect_at_most("the size of the answer to a text, in %", 100 * comes_back("a text", raw(text), text) / #text, 35)
        end)

        w:step("what cannot be made smaller is sent as it is", function()
            for _, n in ipairs { 0, 1, 4, 5, 6, 12, 13, 64, 300, 4096 } do
                local payload = common.noise(w, n)
                w:expect_at_most("the size of the answer to " .. n .. " random bytes",
                    comes_back(n .. " random bytes", raw(payload), payload), n + 5)
            end
        end)

        w:step("corrupt blocks are answered ERR", function()
            local good = sequence("abcdef", 6, 5) .. sequence("12345")
            local cases = {
                { "offset 0", packed(sequence("abcdef", 0, 5) .. sequence("12345"), 16) },
                { "an offset before the start", packed(sequence("abcdef", 7, 5) .. sequence("12345"), 16) },
                { "an offset far before the start", packed(sequence("abcdef", 65535, 5) .. sequence("12345"), 16) },
                { "literals past the end", packed("\240\200abc", 215) },
                { "a length that never ends", packed("\240" .. ("\255"):rep(20), 5115) },
                { "an offset cut in two", packed(sequence("abcdef", 6, 5):sub(1, -2), 11) },
                { "an original length too small", packed(good, 15) },
                { "an original length too large", packed(good, 17) },
                { "an original length of four billion", packed(good, 4294967295) },
                { "an original length of a million", packed(good, MAX) },
                { "a copy beyond the original length", packed(sequence("a", 1, 5000) .. sequence("12345"), 20) },
                { "no block at all", packed("", 5) },
                { "half a header", common.frame("\1\0\0") },
                { "an unknown flag", common.frame("\2hello") },
                { "an empty frame", common.frame("") },
            }
            for _, case in ipairs(cases) do
                s:send(case[2])
                common.receive(w, s, "the answer to " .. case[1], ERR, "100ms")
            end
            for i = 1, 100 do
                local block = random_block(w)
                local at = w:random(1, #block)
                block = block:sub(1, at - 1) .. string.char(w:random(0, 255)) .. block:sub(at + 1)
                s:send(packed(block, w:random(0, 100)))
                local head = s:receive(4, "100ms")
                w:expect("an answer to broken block " .. i .. " came", head ~= nil, true)
                s:receive(string.unpack(">I4", head), "100ms")
            end
            comes_back("a good block", packed(good, 16), "abcdefabcde12345")
        end)
    end,
}
