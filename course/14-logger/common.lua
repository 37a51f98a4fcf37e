-- common.lua: what the scenarios of this track share: a book of what was appended and acknowledged.

local common = {}

-- A text of so many bytes that is like no other: a torn or mixed one is noticed.
function common.text(w, bytes)
    local unit = ("%08x%s"):format(w:random(0, 0xffffffff), w:pick { "abcdefgh", "grüß", "\0\1\2\3\4\5\6\7", "😀😀" })
    local text = unit:rep(bytes // #unit + 1)
    local cut = bytes
    while cut > 0 and cut < #text and (text:byte(cut + 1) & 0xc0) == 0x80 do cut = cut - 1 end
    return text:sub(1, cut)
end

-- Mostly short, sometimes as long as a task allows.
function common.size(w, max)
    local kind = w:random(1, 10)
    if kind == 1 then return 0 end
    if kind <= 7 then return w:random(1, 300) end
    if kind <= 9 then return w:random(300, math.min(8000, max)) end
    return w:random(math.min(8000, max), max)
end

function common.configure(c, config)
    config.type = "store_config"
    return c:ask("n0", config)
end

-- A folder without anything in it, and a program that was told what it is for.
function common.fresh(w, c, config)
    w:kill("n0")
    w:start("n0", { data = "empty" })
    common.configure(c, config)
end

---------------------------------------------------------------------------------------------------
-- The log and what may be expected of it.

function common.book() return { acked = {}, tried = {}, last = 0 } end

-- Notes an append before and after; true if it was acknowledged.
function common.append(w, c, book, data, timeout)
    book.tried[data] = true
    local call = c:begin("n0", { type = "append", data = data })
    common.note(w, book, call, call:wait(timeout or "200ms"))
    return call.reply ~= nil and call.reply.type == "append_ok"
end

function common.note(w, book, call, reply)
    if reply == nil or reply.type ~= "append_ok" then return end
    if math.type(reply.lsn) ~= "integer" or reply.lsn <= book.last then
        w:fail { what = "the lsn of an acknowledged record", expected = "a whole number above " .. book.last,
            seen = tostring(reply.lsn), about = call }
    end
    book.acked[reply.lsn] = call.body.data
    book.last = reply.lsn
end

local function show(text)
    if type(text) ~= "string" then return tostring(text) end
    local head = text:sub(1, 12):gsub("[^%w]", "."):gsub("%.+", ".")
    return ("%d bytes, beginning with %q"):format(#text, head)
end

local function judge_record(w, book, lsn, data)
    local wanted = book.acked[lsn]
    if wanted ~= nil and data ~= wanted then
        w:fail { what = "the acknowledged record " .. lsn, expected = show(wanted), seen = show(data) }
    elseif wanted == nil and not book.tried[data] then
        w:fail { what = "record " .. lsn .. ", which was not acknowledged",
            expected = "one that was sent, whole, or none", seen = show(data) }
    end
end

-- All records from lsn on; gives how many there are, and how the last answer ended.
function common.read_all(w, c, book, from, last)
    local lsn = from
    while true do
        local reply = c:call("n0", { type = "read_from", lsn = lsn, max = 1000 }, "2s")
        if reply == nil then w:fail("read_from is answered within 2 s") end
        if reply.type == "error" then return lsn - 1, reply end
        for _, pair in ipairs(reply.records) do
            w:expect("the next lsn of read_from", pair[1], lsn)
            judge_record(w, book, lsn, pair[2])
            lsn = lsn + 1
        end
        w:expect("next", reply.next, lsn)
        if #reply.records == 0 or (last and lsn > last) then return lsn - 1, reply end
    end
end

-- Everything acknowledged is there, without gaps; what was not is whole or absent.
function common.verify(w, c, book)
    local count, reply = common.read_all(w, c, book, 1)
    w:expect("what ended the reading", reply.type, "read_from_ok")
    w:expect_at_least("the last record that can be read", count, book.last)
    local info = c:ask("n0", { type = "log_info" })
    w:expect("first in log_info", info.first, 1)
    w:expect("last in log_info", info.last, count)
    if book.checks_damage then w:expect("corrupt_at after crashes alone", info.corrupt_at, null) end
    for lsn = book.last + 1, count do book.acked[lsn] = nil end
    return count
end

-- Many appends, some hundred at a time; each must be acknowledged.
function common.append_many(w, c, book, texts)
    for from = 1, #texts, 200 do
        local calls = {}
        for i = from, math.min(from + 199, #texts) do
            book.tried[texts[i]] = true
            calls[#calls + 1] = c:begin("n0", { type = "append", data = texts[i] })
        end
        for _, call in ipairs(calls) do
            local reply = call:wait("5s")
            w:expect("the type of the reply", reply and reply.type, "append_ok", call)
            common.note(w, book, call, reply)
        end
    end
end

-- Appends until the node is gone, at most n. The power fails before the nth change.
function common.append_until_power_fails(w, c, book, n, nth, max)
    local lost = false
    local trap = w:at_change("n0", nth, function() w:lose_power("n0"); lost = true end)
    for _ = 1, n do
        if lost or not common.append(w, c, book, common.text(w, common.size(w, max))) then break end
    end
    trap:off()
    if not lost then w:lose_power("n0") end
    w:start("n0")
    return trap.reached
end

-- One record, as it must be.
function common.read_one(w, c, book, lsn)
    local records = c:ask("n0", { type = "read_from", lsn = lsn, max = 1 }).records
    w:expect("how many records come with max = 1", #records, 1)
    w:expect("its lsn", records[1][1], lsn)
    judge_record(w, book, lsn, records[1][2])
end

---------------------------------------------------------------------------------------------------
-- A map and what may be expected of it. Of a change that was not acknowledged either may be seen.

function common.map() return { live = {}, keys = {}, open = {} } end

local function known(map, key)
    if not map.keys[key] then map.keys[key] = true end
end

-- One change: body is a write or a delete. True if it was acknowledged (a delete also by error 20).
function common.change(w, c, map, body, timeout)
    local key, after = body.key, body.type == "write" and body.value or nil
    known(map, key)
    local call = c:begin("n0", body)
    local reply = call:wait(timeout or "200ms")
    if reply == nil or (reply.type == "error" and reply.code ~= 20) then
        map.open[key] = { after = after }
        return false
    end
    if reply.type == "error" then
        w:expect("a key that error 20 says is absent", body.type == "delete" and map.live[key] or nil, nil, call)
    else
        w:expect("the type of the reply", reply.type, body.type .. "_ok", call)
    end
    map.live[key], map.open[key] = after, nil
    return true
end

local function short(text)
    if text == nil then return "no such key" end
    if type(text) ~= "string" then return tostring(text) end
    local head = text:sub(1, 12):gsub("[^%w]", "."):gsub("%.+", ".")
    return ("%d bytes, beginning with %q"):format(#text, head)
end

function common.read_key(w, c, map, key)
    local call = c:begin("n0", { type = "read", key = key, snap = map.snap })
    local reply = call:wait("1s")
    if reply == nil or (reply.type ~= "read_ok" and reply.code ~= 20) then
        w:fail { what = "the answer to read", expected = "read_ok or error 20", about = call,
            seen = reply == nil and "no answer within 1 s" or json_text(reply) }
    end
    local value = reply.value
    local open = map.open[key]
    if open and value == open.after then map.live[key] = value end
    map.open[key] = nil
    if value ~= map.live[key] then
        w:fail { what = ("the value of key %q"):format(key:sub(1, 20)), expected = short(map.live[key]), seen = short(value),
            about = call }
    end
end

-- Reads the keys of changes that were not acknowledged: from now on it is known what they did.
function common.settle(w, c, map)
    local keys = {}
    for key in pairs(map.open) do keys[#keys + 1] = key end
    for _, key in ipairs(keys) do common.read_key(w, c, map, key) end
end

-- Every key that was ever used.
function common.verify_map(w, c, map)
    for key in pairs(map.keys) do common.read_key(w, c, map, key) end
end

-- One scan against the model: from on, to excluded (nil: to the end), at most limit pairs.
function common.scan(w, c, map, from, to, limit)
    local keys = {}
    for key in pairs(map.live) do
        if key >= from and (to == nil or key < to) then keys[#keys + 1] = key end
    end
    table.sort(keys)
    local call = c:begin("n0", { type = "scan", from = from, to = to, limit = limit, snap = map.snap })
    local reply = call:wait("2s") or {}
    w:expect("the type of the reply", reply.type, "scan_ok", call)
    for i, pair in ipairs(reply.pairs) do
        if pair[1] ~= keys[i] or pair[2] ~= map.live[keys[i]] then
            w:fail { what = ("pair %d of a scan from %q"):format(i, from:sub(1, 20)), about = call,
                expected = keys[i] and ("%q, %s"):format(keys[i]:sub(1, 20), short(map.live[keys[i]])) or "none",
                seen = ("%q, %s"):format(tostring(pair[1]):sub(1, 20), short(pair[2])) }
        end
    end
    w:expect("how many pairs come", #reply.pairs, math.min(limit, #keys), call)
    w:expect("more", reply.more, #keys > limit, call)
end

-- The map as it is now; with snap = a snapshot's name it can be read like the map itself.
function common.copy(map, snap)
    local copy = { live = {}, keys = {}, open = {}, snap = snap }
    for key, value in pairs(map.live) do copy.live[key] = value end
    for key in pairs(map.keys) do copy.keys[key] = true end
    return copy
end

-- Many changes, batch of them in one request: each is { "put", key, value } or { "del", key }.
function common.change_many(w, c, map, ops, batch)
    for from = 1, #ops, batch do
        local some = table.move(ops, from, math.min(from + batch - 1, #ops), 1, {})
        c:ask("n0", { type = "write_batch", ops = some }, "20s")
        for _, op in ipairs(some) do map.keys[op[2]], map.live[op[2]] = true, op[3] end
    end
end

-- n keys of a list, drawn with repetition.
function common.some(w, list, n)
    local some = {}
    for i = 1, n do some[i] = w:pick(list) end
    return some
end

-- Reads these keys and gives what that cost the disk.
function common.cost_of_reads(w, c, map, keys)
    local before = w:disk("n0")
    for _, key in ipairs(keys) do common.read_key(w, c, map, key) end
    return common.used(w, before)
end

-- Every change at which the power can fail, one after the other, up to max: prepare gives a state,
-- work(state, power) does something with the node until power.lost, judge(state, nth) looks at what
-- is left. every: only each so-manieth, from a random one on.
function common.sweep(w, max, prepare, work, judge, every)
    local nth, reached = every and w:random(1, every) or 1, true
    while reached and nth <= max do
        local state, power = prepare(nth), { lost = false }
        local trap = w:at_change("n0", nth, function() w:lose_power("n0"); power.lost = true end)
        work(state, power)
        trap:off()
        reached = trap.reached
        if not power.lost then w:lose_power("n0") end
        w:start("n0")
        judge(state, nth)
        nth = nth + (every or 1)
    end
    w:expect("the sweep came to its end", reached, false)
end

function common.live_bytes(map)
    local sum = 0
    for key, value in pairs(map.live) do sum = sum + #key + #value end
    return sum
end

-- Files of the node whose names end so, sorted by name.
function common.files(w, ending)
    local list = {}
    for _, f in ipairs(w:files("n0")) do
        if f.path:sub(-#ending) == ending then list[#list + 1] = f end
    end
    table.sort(list, function(a, b) return a.path < b.path end)
    return list
end

function common.bytes_of(files)
    local sum = 0
    for _, f in ipairs(files) do sum = sum + f.bytes end
    return sum
end

function common.used(w, before)
    local now, used = w:disk("n0"), {}
    for k, v in pairs(now) do if type(v) == "number" then used[k] = v - before[k] end end
    return used
end

---------------------------------------------------------------------------------------------------
-- Partitions.

-- Everything from this offset on: a list of { offset, msg }; offsets must rise.
function common.poll_all(w, c, node, key, from, more)
    local list = {}
    while true do
        local body = { type = "poll", offsets = { [key] = from } }
        for k, v in pairs(more or {}) do body[k] = v end
        local call = c:begin(node, body)
        local reply = call:wait("2s") or {}
        w:expect("the type of the reply", reply.type, "poll_ok", call)
        local got = reply.msgs[key]
        if got == nil or got == null or #got == 0 then return list end
        for _, pair in ipairs(got) do
            if math.type(pair[1]) ~= "integer" or pair[1] < from then
                w:fail { what = "the next offset of a poll", expected = "at least " .. from, seen = tostring(pair[1]), about = call }
            end
            list[#list + 1] = pair
            from = pair[1] + 1
        end
    end
end

function common.file_bytes(w, node)
    return common.bytes_of(w:files(node))
end

---------------------------------------------------------------------------------------------------
-- Partitions on several nodes. A cluster: who is down, and the logs with what was acknowledged in them.

function common.cluster(w, c, config)
    config.type = "store_config"
    w:all(w.nodes, function(node) c:ask(node, config) end)
    return { down = {}, logs = {}, count = 0 }
end

function common.up(w, cluster)
    local list = {}
    for _, node in ipairs(w.nodes) do if not cluster.down[node] then list[#list + 1] = node end end
    return list
end

-- Makes a log; a cluster that has just started may need some seconds until it can.
function common.make_log(w, c, cluster, key, fields)
    local body = { type = "create_log", key = key }
    for k, v in pairs(fields or {}) do body[k] = v end
    w:await("the log " .. key .. " is made", "10s", function()
        local reply = c:call(w:pick(common.up(w, cluster)), body, "1s")
        return reply ~= nil and (reply.type == "create_log_ok" or reply.code == 21)
    end, "100ms")
    cluster.logs[key] = { key = key, acked = {}, tried = {}, last = -1 }
end

-- Asks whoever leads the log, as long as it takes; nil if nobody answers well in time.
function common.ask_leader(w, c, cluster, log, within, body, give_up)
    local deadline = w:now() + within
    while w:now() < deadline do
        local node = log.hint
        if node == nil or cluster.down[node] then node = w:pick(common.up(w, cluster)) end
        log.hint = nil
        local call = c:begin(node, type(body) == "function" and body() or body)
        local reply = call:wait("300ms")
        if reply ~= nil and reply.type ~= "error" then log.hint = node return reply, call end
        if reply ~= nil and reply.code == 1002 and type(reply.leader) == "string" then log.hint = reply.leader end
        w:sleep("20ms") -- or who knows no better would be asked for ever at this instant
        if give_up and give_up() then return nil end
    end
end

function common.note_ack(w, log, call)
    local offset = call.reply.offset
    if math.type(offset) ~= "integer" or log.acked[offset] ~= nil then
        w:fail { what = "the offset of an acknowledged message in " .. log.key, about = call,
            expected = "a whole number that no other message was acknowledged with", seen = tostring(offset) }
    end
    log.acked[offset] = call.body.msg
    if offset > log.last then log.last = offset end
end

-- Sends a message of its own each time it tries; its offset when one was acknowledged, else nil.
function common.offer(w, c, cluster, key, within, more)
    local log = cluster.logs[key]
    local reply, call = common.ask_leader(w, c, cluster, log, within, function()
        cluster.count = cluster.count + 1
        local body = { type = "send", key = key, msg = ("%s/%d"):format(key, cluster.count), acks = "all" }
        for k, v in pairs(more or {}) do body[k] = v end
        log.tried[body.msg] = true
        return body
    end)
    if reply == nil then return nil end
    common.note_ack(w, log, call)
    return reply.offset, call
end

-- Everything that a reader sees now, from the beginning.
function common.read_log(w, c, cluster, key)
    local log, list, from = cluster.logs[key], {}, 0
    while true do
        local reply, call = common.ask_leader(w, c, cluster, log, 5, { type = "poll", offsets = { [key] = from } })
        if reply == nil then
            w:fail { what = "a poll of " .. key, expected = "answered by a leader within 5 s", seen = "no such answer" }
        end
        local got = reply.msgs[key]
        if #got == 0 then return list end
        for _, pair in ipairs(got) do
            w:expect("the next offset in " .. key, pair[1], from, call)
            if not log.tried[pair[2]] then
                w:fail { what = ("offset %d of %s"):format(pair[1], key), expected = "a message that was sent",
                    seen = json_text(pair[2]), about = call }
            end
            list[#list + 1], from = pair[2], from + 1
        end
    end
end

-- Every acknowledged message is at its offset, and none is there twice.
function common.verify_log(w, c, cluster, key)
    local log, list = cluster.logs[key], nil
    w:await(("%s can be read to its last acknowledged offset %d"):format(key, log.last), "6s", function()
        list = common.read_log(w, c, cluster, key)
        return #list > log.last
    end, "200ms")
    local seen = {}
    for i, msg in ipairs(list) do
        if seen[msg] then w:fail(("%s holds %s twice: at %d and at %d"):format(key, msg, seen[msg], i - 1)) end
        seen[msg] = i - 1
    end
    for offset, msg in pairs(log.acked) do
        w:expect(("the acknowledged message at offset %d of %s"):format(offset, key), list[offset + 1], msg)
    end
end

function common.verify_logs(w, c, cluster)
    for key in pairs(cluster.logs) do common.verify_log(w, c, cluster, key) end
end

function common.metadata(w, c, node)
    local reply = c:call(node, { type = "metadata" }, "1s")
    return reply and reply.partitions
end

-- How many of our logs each node leads, as this node sees it; nil if one has no leader.
function common.loads(w, c, cluster, node)
    local all, loads, most = common.metadata(w, c, node) or {}, {}, 0
    for key in pairs(cluster.logs) do
        local leader = all[key] and all[key].leader
        if type(leader) ~= "string" then return nil end
        loads[leader] = (loads[leader] or 0) + 1
        most = math.max(most, loads[leader])
    end
    return loads, most, all
end

return common
