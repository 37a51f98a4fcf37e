-- 02-recover.lua: torn tail or rot?
local common = require "common"

local function fresh(w, c)
    common.fresh(w, c, { engine = "wal" })
    local book = common.book()
    book.checks_damage = true
    return book
end

-- The one file that grows with appends, and how long it is now.
local function log_file(w)
    local best
    for _, f in ipairs(w:files("n0")) do
        if best == nil or f.bytes > best.bytes then best = f end
    end
    return best
end

-- Appends n records; gives the file and, for each lsn, the first byte of its record and the one behind it.
local function append_and_measure(w, c, book, n)
    local places, at = {}, nil
    for i = 1, n do
        common.append(w, c, book, common.text(w, w:random(1, 900)))
        local now = log_file(w)
        places[i] = { from = at or 0, to = now.bytes }
        at = now.bytes
    end
    return log_file(w).path, places
end

-- The record that holds the byte at this place was damaged, and later ones prove that it was durable.
local function expect_damage(w, c, book, lsn)
    local info = c:ask("n0", { type = "log_info" })
    w:expect("corrupt_at", info.corrupt_at, lsn)
    if lsn > 1 then
        local count = common.read_all(w, c, book, 1, lsn - 1)
        w:expect("the last record before the damage that can be read", count, lsn - 1)
    end
    for _, from in ipairs { lsn, w:random(lsn, book.last), book.last } do
        local reply = c:refused("n0", { type = "read_from", lsn = from, max = 1 }, 1001)
        w:expect("at", reply.at, lsn)
    end
    w:expect("at of a refused append", c:refused("n0", { type = "append", data = "x" }, 1001).at, lsn)
end

local function all_files(w)
    local files = {}
    for _, f in ipairs(w:files("n0")) do files[f.path] = w:read_file("n0", f.path) end
    return files
end

return task {
    seeds = 3,
    part {
        name = "crashes", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("after a loss of power at each change of the first appends nothing is missing", function()
                local reached, nth = true, 0
                while reached and nth < 40 do
                    nth = nth + 1
                    local book = fresh(w, c)
                    reached = common.append_until_power_fails(w, c, book, 5, nth, 4000)
                    common.verify(w, c, book)
                end
            end)
            w:step("a log that crashes again and again never takes that for rot", function()
                local book = fresh(w, c)
                for _ = 1, 15 do
                    common.append_until_power_fails(w, c, book, 8, w:random(1, 16), 20000)
                    common.verify(w, c, book)
                end
            end)
            w:step("many appends at once, torn, are no rot", function()
                local book = fresh(w, c)
                for _ = 1, 16 do
                    local trap = w:at_change("n0", w:random(2, 14), function() w:lose_power("n0") end)
                    local calls = {}
                    for i = 1, 10 do
                        local text = common.text(w, w:random(1, 3000))
                        book.tried[text] = true
                        calls[i] = c:begin("n0", { type = "append", data = text })
                    end
                    w:sleep("100ms")
                    for _, call in ipairs(calls) do common.note(w, book, call, call.reply) end
                    trap:off()
                    if not trap.reached then w:lose_power("n0") end
                    w:start("n0")
                    common.verify(w, c, book)
                end
            end)
            w:step("what a failed sync left in memory is not counted as durable", function()
                for _ = 1, 4 do
                    local book = fresh(w, c)
                    for _ = 1, w:random(1, 4) do common.append(w, c, book, common.text(w, 600)) end
                    w:allow_exit("n0")
                    w:disk_fail("n0", { call = "sync", nth = 1, error = "EIO" })
                    local trap = w:at_change("n0", 3, function() w:kill("n0") end)
                    common.append(w, c, book, common.text(w, 1500))
                    trap:off()
                    w:kill("n0")
                    w:start("n0")
                    for _ = 1, 3 do common.append(w, c, book, common.text(w, 600)) end
                    w:lose_power("n0")
                    w:start("n0")
                    common.verify(w, c, book)
                end
            end)
            w:step("a crash during recovery changes nothing", function()
                local book = fresh(w, c)
                for nth = 1, 4 do
                    common.append_until_power_fails(w, c, book, 6, w:random(2, 11), 20000)
                    w:kill("n0")
                    w:allow_exit("n0")
                    local trap = w:at_change("n0", nth, function() w:lose_power("n0") end)
                    w:start("n0", { init = false })
                    c:call("n0", { type = "init", node_id = "n0", node_ids = { "n0" } }, "20ms")
                    trap:off()
                    w:kill("n0")
                    w:start("n0")
                    common.verify(w, c, book)
                end
            end)
            w:step("recovering twice gives the same files", function()
                local book = fresh(w, c)
                common.append_until_power_fails(w, c, book, 9, 14, 20000)
                local once = all_files(w)
                w:restart("n0")
                w:restart("n0")
                local twice = all_files(w)
                for path, bytes in pairs(once) do
                    w:expect("the file " .. path .. " is as it was", twice[path] == bytes, true)
                end
                for path in pairs(twice) do w:expect("there was a file " .. path, once[path] ~= nil, true) end
            end)
        end,
    },
    part {
        name = "rot", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("a damaged head is reported, whatever length it claims", function()
                local book = fresh(w, c)
                local path, places = append_and_measure(w, c, book, 10)
                for i = 0, 23 do
                    w:kill("n0")
                    w:rot("n0", path, { offset = places[3].from + i, len = 1, mask = 0x3c })
                    w:start("n0")
                    expect_damage(w, c, book, 3)
                    w:expect_at_most("MiB of memory in use", w:usage("n0").memory_bytes >> 20, 200)
                    w:kill("n0")
                    w:rot("n0", path, { offset = places[3].from + i, len = 1, mask = 0x3c })
                end
                w:start("n0")
                common.verify(w, c, book)
            end)
            w:step("one wrong bit in a record that was durable is reported", function()
                for _ = 1, 12 do
                    local book = fresh(w, c)
                    local n = w:random(6, 12)
                    local path, places = append_and_measure(w, c, book, n)
                    local lsn = w:random(1, n - 2)
                    local head = w:random(1, 2) == 1 and 24 or places[lsn].to - places[lsn].from
                    local offset = places[lsn].from + w:random(0, head - 1)
                    w:kill("n0")
                    w:rot("n0", path, { offset = math.min(offset, places[lsn].to - 1), len = 1,
                        mask = 1 << w:random(0, 7) })
                    w:start("n0")
                    expect_damage(w, c, book, lsn)
                end
            end)
            w:step("a block of zeros is reported where it begins to do harm", function()
                for _ = 1, 8 do
                    local book = fresh(w, c)
                    local path, places = append_and_measure(w, c, book, 20)
                    local sector = w:random(0, (places[14].to - 512) // 512)
                    local lsn = 1
                    while places[lsn].to <= sector * 512 do lsn = lsn + 1 end
                    w:kill("n0")
                    w:rot("n0", path, { offset = sector * 512, len = 512, mask = 0 })
                    w:start("n0")
                    expect_damage(w, c, book, lsn)
                end
            end)
            w:step("damage is still reported after another restart", function()
                local book = fresh(w, c)
                local path, places = append_and_measure(w, c, book, 10)
                w:kill("n0")
                w:rot("n0", path, { offset = places[4].to - 1, len = 1, mask = 255 })
                w:start("n0")
                w:restart("n0")
                w:lose_power("n0")
                w:start("n0")
                expect_damage(w, c, book, 4)
            end)
        end,
    },
}
