-- 01-append.lua: written is not stored.
local common = require "common"

local KIB64 = 65536

local function begin(w)
    local c = w:client()
    common.configure(c, { engine = "wal" })
    return c, common.book()
end

return task {
    seeds = 3,
    part {
        name = "a sound disk", nodes = 1, disk = true,
        run = function(w)
            local c, book
            w:step("records get lsn 1, 2, 3 and are read back", function()
                c, book = begin(w)
                c:refused("n0", { type = "store_config", engine = "wal" }, 22)
                for i = 1, 150 do
                    local size = i == 1 and KIB64 or i == 2 and 0 or common.size(w, KIB64)
                    w:expect("it is acknowledged", common.append(w, c, book, common.text(w, size)), true)
                    w:expect("its lsn", book.last, i)
                end
                common.verify(w, c, book)
            end)
            w:step("each lone reply comes after a sync", function()
                for _ = 1, 20 do
                    local before = w:disk("n0")
                    common.append(w, c, book, common.text(w, 100))
                    w:expect_at_least("syncs before the reply", common.used(w, before).syncs, 1)
                end
            end)
            w:step("a record costs its data and at most 32 bytes", function()
                local before, data = w:disk("n0"), 0
                for _ = 1, 50 do
                    local text = common.text(w, common.size(w, 4000))
                    data = data + #text
                    common.append(w, c, book, text)
                end
                w:expect_at_most("bytes written for 50 records, beyond their data",
                    common.used(w, before).bytes_written - data, 50 * 32)
            end)
            w:step("a killed process loses nothing", function()
                w:restart("n0")
                common.verify(w, c, book)
            end)
        end,
    },
    part {
        name = "the power fails", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("the first records of a new folder survive", function()
                for n = 1, 4 do
                    common.fresh(w, c, { engine = "wal" })
                    local book = common.book()
                    for _ = 1, n do common.append(w, c, book, common.text(w, 200)) end
                    w:lose_power("n0")
                    w:start("n0")
                    common.verify(w, c, book)
                end
            end)
            w:step("what was acknowledged is there, the rest is whole or absent", function()
                common.fresh(w, c, { engine = "wal" })
                local book = common.book()
                for _ = 1, 20 do
                    common.append_until_power_fails(w, c, book, 12, w:random(1, 24), KIB64)
                    common.verify(w, c, book)
                end
            end)
        end,
    },
    part {
        name = "a failing disk", nodes = 1, disk = true,
        run = function(w)
            local c, book
            local function goes_on(n)
                for _ = 1, n do
                    w:expect("the next one is acknowledged", common.append(w, c, book, common.text(w, 700)), true)
                end
                w:lose_power("n0")
                w:start("n0")
                common.verify(w, c, book)
            end
            local function refused(bytes)
                local text = common.text(w, bytes)
                book.tried[text] = true
                c:refused("n0", { type = "append", data = text }, 11)
            end

            w:step("a short write is completed", function()
                c, book = begin(w)
                goes_on(3)
                w:disk_fail("n0", { call = "write", error = "short" })
                goes_on(2)
            end)
            w:step("a failed write is error 11, and leaves no trace", function()
                w:disk_fail("n0", { call = "write", error = "EIO" })
                refused(3000)
                goes_on(3)
            end)
            w:step("a record whose sync failed is error 11, and the next is stored", function()
                for _ = 1, 3 do
                    w:disk_fail("n0", { call = "sync", error = "EIO" })
                    refused(w:random(1, 3000))
                    goes_on(w:random(1, 2))
                end
            end)
            w:step("a full disk is error 11, and appends go on when there is room", function()
                w:disk_limit("n0", w:disk("n0").kept_bytes + 2000)
                refused(3000)
                refused(60000)
                common.verify(w, c, book)
                w:disk_limit("n0", nil)
                goes_on(3)
            end)
        end,
    },
}
