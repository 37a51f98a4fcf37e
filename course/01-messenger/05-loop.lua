-- Task 5: many waits at the same time, and echoes that must not notice them; then the end of the input.

local common = require "common"

local function begin_wait(book, c, ms)
    return common.note(book, c:begin("n0", { type = "wait", ms = ms }))
end

local function check_wait(w, call)
    local reply = common.is_ok(w, call, common.after(w, call, call.body.ms))
    w:expect("ms", reply.ms, call.body.ms, call)
end

return task {
    nodes = 1,
    run = function(w)
        local c, book = w:client(), common.book()
        local waits = {}

        w:step("one wait", function() check_wait(w, begin_wait(book, c, 100)) end)

        w:step("echoes are answered at once while 500 waits are open", function()
            for i = 1, 500 do waits[i] = begin_wait(book, w:client(), w:random(1, 2000)) end
            for _ = 1, 200 do
                common.echo(w, book, c, "n0")
                w:sleep("10ms")
            end
        end)

        w:step("each of the 500 waits was answered at its time", function()
            w:sleep("100ms")
            for _, call in ipairs(waits) do
                if call.reply == nil then
                    w:fail { what = "a wait of " .. call.body.ms .. " ms", expected = "a reply",
                        seen = "none", about = call }
                end
                check_wait(w, call)
            end
        end)

        w:step("the longest first, equal times, and no time at all", function()
            local calls = {}
            for ms = 300, 0, -10 do
                for _ = 1, 3 do calls[#calls + 1] = begin_wait(book, c, ms) end
            end
            for i = #calls, 1, -1 do check_wait(w, calls[i]) end
        end)

        w:step("after the end of input the open waits are still answered", function()
            local calls = {}
            for i = 1, 50 do calls[i] = begin_wait(book, c, i == 1 and 1000 or w:random(1, 1000)) end
            w:sleep("1ms")
            w:allow_exit("n0")
            w:close_stdin("n0")
            w:all(calls, function(call) check_wait(w, call) end)
        end)

        w:step("then the process ends by itself, with status 0", function()
            local ended = w:await("the process ends", "1s", function() return w:exit_status("n0") end)
            w:expect("the signal that ended it (0: none)", ended.signal or 0, 0, "n0")
            w:expect("its exit status", ended.code, 0, "n0")
        end)

        common.exactly_one_reply(w, book)
    end,
}
