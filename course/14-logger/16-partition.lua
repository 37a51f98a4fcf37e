-- 16-partition.lua: a partition is a log.
local common = require "common"

local DAY = 86400

-- Letters and digits only: so many bytes in any encoding of JSON.
local function text(w, bytes)
    return ("%08x"):format(w:random(0, 0xffffffff)):rep(bytes // 8 + 1):sub(1, bytes)
end

local function fresh(w, c, key, fields)
    common.fresh(w, c, { engine = "log" })
    fields.type, fields.key = "create_log", key
    c:ask("n0", fields)
end

-- Sends one and notes it; the offset, or nil if it was not acknowledged.
local function send(w, c, sent, key, msg)
    local call = c:begin("n0", { type = "send", key = key, msg = msg })
    local reply = call:wait("500ms")
    if reply == nil or reply.type ~= "send_ok" then return nil, call end
    if math.type(reply.offset) ~= "integer" or reply.offset < sent.next then
        w:fail { what = "the offset of an acknowledged message", expected = "a whole number, at least " .. sent.next,
            seen = tostring(reply.offset), about = call }
    end
    sent[reply.offset], sent.next = { msg = msg, ms = reply.ms }, reply.offset + 1
    return reply.offset, call
end

local function book() return { next = 0 } end

-- What a poll gave is what was sent, at its offset.
local function judge(w, sent, pair, tried)
    local known = sent[pair[1]]
    local seen = json_text(pair[2])
    if known ~= nil then
        w:expect("the message at offset " .. pair[1], seen, json_text(known.msg))
    elseif tried == nil or not tried[seen] then
        w:fail { what = "the message at offset " .. pair[1], expected = "none, or one that was sent", seen = seen:sub(1, 200) }
    end
end

---------------------------------------------------------------------------------------------------
-- Compaction: for each k the last one must be there.

-- How many of the last messages, and their bytes, must be there.
local function last_of(sent)
    local last = {}
    for offset = 0, sent.next - 1 do
        if sent[offset] then last[sent[offset].msg[1]] = offset end
    end
    return last
end

local function judge_compacted(w, c, sent, tried)
    local there, newest = {}, {}
    for _, pair in ipairs(common.poll_all(w, c, "n0", "t", 0)) do
        judge(w, sent, pair, tried)
        there[pair[1]] = true
        newest[pair[2][1]] = pair[1]
    end
    for k, offset in pairs(last_of(sent)) do
        if not there[offset] and (newest[k] or -1) < offset then
            w:fail { what = ("the last message of %q"):format(k), expected = "at offset " .. offset,
                seen = newest[k] and "only an older one, at " .. newest[k] or "none" }
        end
    end
    return newest
end

local function live_bytes(sent)
    local sum = 0
    for _, offset in pairs(last_of(sent)) do sum = sum + #json_text(sent[offset].msg) + 32 end
    return sum
end

-- The power fails before the nth change while a compacted log is rolled and cleaned.
local function sweep(w, c, nth)
    fresh(w, c, "t", { compact = true, segment_bytes = 400 })
    local sent, tried, lost = book(), {}, false
    local trap = w:at_change("n0", nth, function() w:lose_power("n0"); lost = true end)
    for i = 1, 36 do
        if lost then break end
        local msg = { "k" .. w:random(1, 4), ("%d"):format(i):rep(w:random(1, 40)) }
        tried[json_text(msg)] = true
        send(w, c, sent, "t", msg)
    end
    trap:off()
    if not lost then w:lose_power("n0") end
    w:start("n0")
    local newest = judge_compacted(w, c, sent, tried)
    for _, offset in pairs(newest) do sent.next = math.max(sent.next, offset + 1) end
    send(w, c, sent, "t", { "k1", "after" })
    return trap.reached
end

return task {
    seeds = 2,
    part {
        name = "eight partitions", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            local books = {}
            w:step("each partition counts its offsets from 0", function()
                common.configure(c, { engine = "log" })
                for i = 1, 8 do
                    c:ask("n0", { type = "create_log", key = "p" .. i, segment_bytes = 262144 })
                    books["p" .. i] = book()
                end
                w:expect("the code", c:refused("n0", { type = "create_log", key = "p3" }, 21).code, 21)
                w:expect("the code", c:refused("n0", { type = "send", key = "p9", msg = 1 }, 20).code, 20)
                for _ = 1, 8 do
                    local calls = {}
                    for i = 1, 150 do
                        local key = w:random(1, 2) == 1 and "p1" or "p" .. w:random(2, 8)
                        calls[i] = c:begin("n0", { type = "send", key = key, msg = text(w, w:random(0, 1200)) })
                    end
                    for _, call in ipairs(calls) do
                        local sent, reply = books[call.body.key], call:wait("1s") or {}
                        w:expect("the offset", reply.offset, sent.next, call)
                        sent[sent.next], sent.next = { msg = call.body.msg }, sent.next + 1
                    end
                end
            end)
            local function some_polls(n, judge_cost)
                for _ = 1, n do
                    local key = w:random(1, 2) == 1 and "p1" or "p" .. w:random(2, 8)
                    local sent = books[key]
                    local from, before = w:random(0, sent.next), w:disk("n0")
                    local got = c:ask("n0", { type = "poll", offsets = { [key] = from } }).msgs[key]
                    local bytes = 0
                    w:expect_at_least("messages of a poll before the end", #got, from < sent.next and 1 or 0)
                    for i, pair in ipairs(got) do
                        w:expect("the next offset", pair[1], from + i - 1)
                        judge(w, sent, pair)
                        bytes = bytes + #pair[2] + 32
                    end
                    if judge_cost then
                        local used = common.used(w, before)
                        w:expect_at_most("reads for a poll of " .. bytes .. " bytes", used.reads, 4 + bytes // 16384)
                        w:expect_at_most("bytes read for a poll of " .. bytes .. " bytes", used.bytes_read, 2 * bytes + 32768)
                    end
                end
            end
            w:step("a poll gives what was sent, from any offset on", function() some_polls(60) end)
            w:step("a poll costs at most 4 reads and 32 KiB beyond twice its data", function() some_polls(60, true) end)
            w:step("a restart changes nothing and reads the open files and the indexes", function()
                w:kill("n0")
                local before = w:disk("n0")
                w:start("n0")
                local open = 8 * (262144 + 2048)
                w:expect_at_most("bytes read at the start", common.used(w, before).bytes_read,
                    math.min(open, common.file_bytes(w, "n0")) + 65536)
                some_polls(60)
                for key, sent in pairs(books) do
                    w:expect("the next offset of " .. key, c:ask("n0", { type = "send", key = key, msg = 1 }).offset, sent.next)
                end
            end)
        end,
    },
    part {
        name = "eight days", nodes = 1, disk = true, limit = "1000h",
        run = function(w)
            local c = w:client()
            local sent = book()
            w:step("times never fall, whatever the wall clock does", function()
                fresh(w, c, "t", { segment_bytes = 8192 })
                local last = 0
                for _ = 1, 240 do
                    w:sleep(w:random(1, 2000))
                    if w:random(1, 12) == 1 then w:clock("n0", { jump = w:random(-7200, 3600) }) end
                    local offset, call = send(w, c, sent, "t", text(w, w:random(100, 500)))
                    w:expect("the type of the reply", (call.reply or {}).type, "send_ok", call)
                    w:expect_at_least("ms of send_ok", sent[offset].ms, last, call)
                    last = sent[offset].ms
                end
            end)
            w:step("offset_for gives the first offset of that time or later", function()
                for round = 1, 2 do
                    for _ = 1, 40 do
                        local ms = sent[w:random(0, sent.next - 1)].ms + w:random(-1, 1)
                        local wanted = sent.next
                        for offset = sent.next - 1, 0, -1 do
                            if sent[offset].ms >= ms then wanted = offset end
                        end
                        w:expect("the offset for ms " .. ms, c:ask("n0", { type = "offset_for", key = "t", ms = ms }).offset, wanted)
                    end
                    w:expect("the offset for a time to come",
                        c:ask("n0", { type = "offset_for", key = "t", ms = sent[sent.next - 1].ms + 1 }).offset, sent.next)
                    if round == 1 then w:restart("n0") end
                end
            end)
            w:step("with retention_bytes the oldest segments go, and no more", function()
                fresh(w, c, "t", { segment_bytes = 8192, retention_bytes = 30000 })
                sent = book()
                for _ = 1, 250 do send(w, c, sent, "t", text(w, w:random(100, 500))) end
                w:expect("messages acknowledged", sent.next, 250)
                local first = c:refused("n0", { type = "poll", offsets = { t = 0 } }, 22).first
                w:expect_between("first", first, 1, 249)
                local kept = 0
                for _, pair in ipairs(common.poll_all(w, c, "n0", "t", first)) do
                    judge(w, sent, pair)
                    kept = kept + #pair[2] + 32
                end
                w:expect_between("bytes of the messages that are left", kept, 30000 - 512, 30000 + 8192 + 2048)
                w:expect_at_most("bytes of all files", common.file_bytes(w, "n0"), 30000 + 8192 + 6144)
            end)
            w:step("with retention_ms a message goes when its segment is a day old", function()
                fresh(w, c, "t", { segment_bytes = 8192, retention_ms = DAY * 1000 })
                sent = book()
                for _ = 1, 300 do
                    w:sleep(w:random(600, 3000))
                    send(w, c, sent, "t", text(w, w:random(100, 500)))
                end
                w:expect("messages acknowledged", sent.next, 300)
                local newest = sent[299].ms
                local first = c:refused("n0", { type = "poll", offsets = { t = 0 } }, 22).first
                local list = common.poll_all(w, c, "n0", "t", first)
                w:expect("how many messages are left", #list, 300 - first)
                local too_old = 0
                for _, pair in ipairs(list) do
                    judge(w, sent, pair)
                    if newest - sent[pair[1]].ms > DAY * 1000 + 1200000 then too_old = too_old + #pair[2] + 32 end
                end
                w:expect_at_most("bytes of messages that are older than a day and 20 minutes", too_old, 8192 + 2048)
                w:expect_at_least("the age of the youngest message that is gone", newest - sent[first - 1].ms, DAY * 1000)
            end)
            w:step("a log in which all is too old is empty, and goes on counting", function()
                w:sleep(2 * DAY)
                w:expect("first", c:refused("n0", { type = "poll", offsets = { t = 0 } }, 22).first, 300)
                w:restart("n0")
                w:expect("messages that are left", #common.poll_all(w, c, "n0", "t", 300), 0)
                w:expect("the next offset", c:ask("n0", { type = "send", key = "t", msg = "new" }).offset, 300)
                w:expect("first", c:refused("n0", { type = "poll", offsets = { t = 299 } }, 22).first, 300)
            end)
        end,
    },
    part {
        name = "compaction", nodes = 1, disk = true, limit = "100h",
        run = function(w)
            local c = w:client()
            local sent
            w:step("the last message of each k stays, at its offset", function()
                fresh(w, c, "t", { compact = true, segment_bytes = 8192 })
                sent = book()
                for i = 1, 900 do
                    local k = "k" .. (w:random(1, 3) == 1 and w:random(1, 60) or w:random(1, 8))
                    send(w, c, sent, "t", { k, w:random(1, 10) == 1 and null or text(w, w:random(1, 300)) })
                    if i % 300 == 0 then judge_compacted(w, c, sent) end
                end
                w:expect("messages acknowledged", sent.next, 900)
                w:restart("n0")
                judge_compacted(w, c, sent)
            end)
            w:step("a compacted log keeps at most twice what is live and two segments", function()
                w:expect_at_most("bytes of all files", common.file_bytes(w, "n0"), 2 * live_bytes(sent) + 2 * 8192 + 4096)
            end)
            w:step("a null stays a day, and then goes with what it hid", function()
                local gone
                for i = 61, 90 do send(w, c, sent, "t", { "k" .. i, text(w, 200) }) end
                for i = 61, 90 do send(w, c, sent, "t", { "k" .. i, null }) end
                for _ = 1, 60 do send(w, c, sent, "t", { "k1", text(w, 300) }) end
                judge_compacted(w, c, sent)
                w:sleep(1.5 * DAY)
                for _ = 1, 120 do send(w, c, sent, "t", { "k1", text(w, 300) }) end
                w:restart("n0")
                for _, pair in ipairs(common.poll_all(w, c, "n0", "t", 0)) do
                    local number = tonumber(pair[2][1]:sub(2))
                    if number > 60 then gone = ("%q at %d"):format(pair[2][1], pair[1]) end
                end
                w:expect("a message of a key deleted one and a half days ago", gone, nil)
            end)
        end,
    },
    part {
        name = "the power fails", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("after a loss of power at each change of a compaction all is as it must be", function()
                local from = w:random(1, 8) -- each seed tries another eighth of the moments
                while sweep(w, c, from) do from = from + 8 end
            end)
            w:step("an append that fails is error 11, and the next one has its offset", function()
                fresh(w, c, "t", { segment_bytes = 4096 })
                local sent = book()
                for i = 1, 40 do
                    if i % 8 == 0 then
                        w:disk_fail("n0", { call = w:pick { "sync", "write" }, error = "EIO" })
                        local offset, call = send(w, c, sent, "t", text(w, 300))
                        if offset == nil then w:expect("the code", (call.reply or {}).code, 11, call) end
                    else
                        local _, call = send(w, c, sent, "t", text(w, 300))
                        w:expect("the type of the reply", (call.reply or {}).type, "send_ok", call)
                    end
                end
                w:lose_power("n0")
                w:start("n0")
                local list = common.poll_all(w, c, "n0", "t", 0)
                w:expect("how many messages are there", #list, sent.next)
                for _, pair in ipairs(list) do judge(w, sent, pair) end
            end)
        end,
    },
}
