-- 05-sync-policies.lua: what an fsync buys.
local common = require "common"

local function fresh(w, c, policy, segment_bytes)
    common.fresh(w, c, { engine = "wal", sync = policy, batch_ms = 10, interval_ms = 1000, segment_bytes = segment_bytes })
    local book = common.book()
    book.checks_damage = true
    return book
end

-- Appends at a rate for a while; gives calls in order.
local function stream(w, c, book, seconds, rate, until_over)
    local calls = {}
    local begun = w:now()
    for i = 1, seconds * rate do
        if until_over and until_over() then break end
        local text = common.text(w, w:random(1, 100))
        book.tried[text] = true
        calls[i] = c:begin("n0", { type = "append", data = text })
        w:sleep_until(begun + i / rate)
    end
    return calls
end

local function all_answered(w, book, calls, within)
    for _, call in ipairs(calls) do
        local reply = call:wait("1s")
        w:expect("the type of the reply", reply and reply.type, "append_ok", call)
        w:expect_at_most("seconds from an append to its reply", call.answered_at - call.sent_at, within, call)
        common.note(w, book, call, reply)
    end
end

-- The power fails in the middle of a stream; what is left is verified, how much was lost is given back.
local function power_fails(w, c, book, seconds)
    local lost = false
    w:spawn(function()
        w:sleep(seconds)
        lost = true
        w:lose_power("n0")
    end)
    local calls = stream(w, c, book, seconds + 0.05, 300, function() return lost end)
    w:await("the power has failed", "5s", function() return lost end)
    local at = w:now()
    w:start("n0")
    return calls, at
end

-- After a policy that may lose acknowledged records: those that are left are a prefix. Gives their number.
local function left(w, c, book, calls)
    local oldest = common.book()
    for i, call in ipairs(calls) do
        if call.reply and call.reply.type == "append_ok" then
            w:expect("lsns follow each other", call.reply.lsn, i, call)
            oldest.acked[i] = call.body.data
        end
        oldest.tried[call.body.data] = true
    end
    oldest.checks_damage = true
    return common.verify(w, c, oldest)
end

return task {
    seeds = 2,
    part {
        name = "each", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("each: one sync an append, and nothing is lost", function()
                for _ = 1, 6 do
                    local book = fresh(w, c, "each")
                    local before = w:disk("n0")
                    all_answered(w, book, stream(w, c, book, 0.2, 100), 0.001)
                    local syncs = common.used(w, before).syncs
                    w:expect_between("syncs for 20 appends", syncs, 20, 22)
                    w:lose_power("n0")
                    w:start("n0")
                    common.verify(w, c, book)
                end
            end)
        end,
    },
    part {
        name = "batch", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            local book
            w:step("batch: a reply comes within 12 ms, lone or not", function()
                book = fresh(w, c, "batch")
                for _ = 1, 5 do all_answered(w, book, stream(w, c, book, 0.05, 20), 0.012) end
                all_answered(w, book, stream(w, c, book, 0.5, 1000), 0.012)
            end)
            w:step("batch: at most one sync in 10 ms, and one for a hundred at once", function()
                local before, calls = w:disk("n0"), {}
                for i = 1, 100 do
                    local text = common.text(w, 50)
                    book.tried[text] = true
                    calls[i] = c:begin("n0", { type = "append", data = text })
                end
                all_answered(w, book, calls, 0.012)
                w:expect_between("syncs for 100 appends at one instant", common.used(w, before).syncs, 1, 2)
                before = w:disk("n0")
                all_answered(w, book, stream(w, c, book, 1, 1000), 0.012)
                w:expect_between("syncs for a second of 1,000 appends", common.used(w, before).syncs, 50, 103)
            end)
            w:step("batch: nothing acknowledged is lost", function()
                for _ = 1, 8 do
                    book = fresh(w, c, "batch")
                    local calls = power_fails(w, c, book, w:random(1, 200) / 1000)
                    for _, call in ipairs(calls) do common.note(w, book, call, call.reply) end
                    common.verify(w, c, book)
                end
            end)
            w:step("batch: a sync that fails fails all that waited for it", function()
                book = fresh(w, c, "batch")
                common.append(w, c, book, "before")
                w:disk_fail("n0", { call = "sync", error = "EIO" })
                local calls = {}
                for i = 1, 10 do
                    local text = common.text(w, 500)
                    book.tried[text] = true
                    calls[i] = c:begin("n0", { type = "append", data = text })
                end
                for _, call in ipairs(calls) do
                    w:expect("the code", (call:wait("100ms") or {}).code, 11, call)
                end
                common.append(w, c, book, "after")
                w:lose_power("n0")
                w:start("n0")
                common.verify(w, c, book)
            end)
        end,
    },
    part {
        name = "interval", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("interval: a reply comes within 1 ms, a sync each second", function()
                local book = fresh(w, c, "interval")
                local before = w:disk("n0")
                all_answered(w, book, stream(w, c, book, 5, 100), 0.001)
                w:expect_between("syncs in 5 s", common.used(w, before).syncs, 4, 6)
                w:sleep("2s")
                before = w:disk("n0")
                w:sleep("10s")
                w:expect("syncs while nothing is appended", common.used(w, before).syncs, 0)
            end)
            w:step("interval: nothing older than 1,050 ms is lost", function()
                for _ = 1, 8 do
                    local book = fresh(w, c, "interval")
                    local calls, at = power_fails(w, c, book, w:random(1000, 2600) / 1000)
                    local count = left(w, c, book, calls)
                    local first_lost = calls[count + 1]
                    if first_lost and first_lost.answered_at then
                        w:expect_at_most("the age in seconds of the oldest lost record", at - first_lost.answered_at,
                            1.05, first_lost)
                    end
                end
            end)
        end,
    },
    part {
        name = "none", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("none: a reply comes within 1 ms, without a sync", function()
                local book = fresh(w, c, "none")
                local before = w:disk("n0")
                all_answered(w, book, stream(w, c, book, 2, 100), 0.001)
                w:expect("syncs", common.used(w, before).syncs, 0)
                w:restart("n0")
                common.verify(w, c, book)
            end)
            w:step("none: what is left is a prefix", function()
                for _ = 1, 12 do
                    local book = fresh(w, c, "none", 2048)
                    local calls = power_fails(w, c, book, w:random(100, 600) / 1000)
                    local count = left(w, c, book, calls)
                    w:expect("the next lsn", c:ask("n0", { type = "append", data = "next" }).lsn, count + 1)
                end
            end)
        end,
    },
}
