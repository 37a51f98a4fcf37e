-- Task 4: bad input. What may be answered is answered with the right error, what may not is met with
-- silence.

local common = require "common"

local NOT_STRINGS = { null, 7, true, array {}, array { "echo" }, {} }

return task {
    nodes = 1,
    run = function(w)
        local c, book = w:client(), common.book()

        local function spelled(value) return common.spell(w, value) .. "\n" end

        local function request(body)
            local _, call = c:line("n0", body)
            return call, { src = c.name, dest = "n0", body = call.body }
        end

        local function expect_error(body, code)
            local call, message = request(body)
            common.note(book, call)
            w:write("n0", spelled(message))
            common.is_error(w, call, common.at_once(w, call), code)
        end

        -- A line that must not be answered.
        local function silent(line, why)
            local before = w:count { from = "n0" }
            w:write("n0", line)
            w:sleep("5ms")
            if w:count { from = "n0" } ~= before then
                w:fail { what = "silence: " .. why, expected = "no message", about = "n0",
                    seen = "an answer to " .. (#line > 200 and line:sub(1, 200) .. "..." or
                        line:gsub("\n$", "")) }
            end
        end

        w:step("an unknown type is refused with error 10", function()
            for _, kind in ipairs { "dance", "", "Echo", "echo ", "echo_ok" } do
                expect_error({ type = kind, echo = 1 }, 10)
            end
            common.echo(w, book, c, "n0")
        end)

        w:step("a type that is missing or no string is refused with error 12", function()
            expect_error({ echo = 1 }, 12)
            for _, kind in ipairs(NOT_STRINGS) do expect_error({ type = kind, echo = 1 }, 12) end
            common.echo(w, book, c, "n0")
        end)

        w:step("what is no message for this node is passed over in silence", function()
            for _, line in ipairs { "", " ", "null", "7", '"echo"', "[]", "{}", "echo", "}{", "[1",
                "{\"src\"", "nul", "{'a':1}" } do
                silent(line .. "\n", "the line is no message")
            end
            local echo = { type = "echo", msg_id = 900001, echo = 1 }
            for _, bad in ipairs { null, 7, true, array { "n0" }, {} } do
                silent(spelled { src = bad, dest = "n0", body = echo }, "src is no string")
                silent(spelled { src = c.name, dest = bad, body = echo }, "dest is no string")
            end
            for _, bad in ipairs { null, 7, true, "echo", array {}, array { "echo", 5 } } do
                silent(spelled { src = c.name, dest = "n0", body = bad }, "body is no object")
            end
            silent(spelled { dest = "n0", body = echo }, "there is no src")
            silent(spelled { src = c.name, body = echo }, "there is no dest")
            silent(spelled { src = c.name, dest = "n0" }, "there is no body")
            silent(spelled { src = c.name, dest = "n1", body = echo }, "it is for another node")
            silent(json_text { src = c.name, dest = "n0", body = echo } .. " x\n",
                "something follows the object")
            common.echo(w, book, c, "n0")
        end)

        w:step("answers and errors are never answered", function()
            local function from_client(body) return spelled { src = c.name, dest = "n0", body = body } end
            silent(from_client { type = "error", msg_id = 900002, code = 10, text = "?" }, "it is an error")
            silent(from_client { type = "error", code = 13 }, "it is an error")
            silent(from_client { type = "error", msg_id = 900003, in_reply_to = 1, code = 0 },
                "it is an error")
            silent(from_client { type = "echo_ok", msg_id = 900004, in_reply_to = 77, echo = 1 },
                "it is an answer")
            silent(from_client { type = "echo", msg_id = 900005, in_reply_to = 78, echo = 1 },
                "it is an answer")
            silent(from_client { type = "dance", msg_id = 900006, in_reply_to = 79 }, "it is an answer")
            common.echo(w, book, c, "n0")
        end)

        w:step("who gives no msg_id wants no answer", function()
            for _, kind in ipairs { "echo", "dance", 7, null } do
                silent(spelled { src = c.name, dest = "n0", body = { type = kind, echo = 1 } },
                    "there is no msg_id")
                for _, id in ipairs { null, "7", 2.5, true, array { 7 }, {} } do
                    silent(spelled { src = c.name, dest = "n0",
                        body = { type = kind, echo = 1, msg_id = id } }, "msg_id is no integer")
                end
            end
            common.echo(w, book, c, "n0")
        end)

        w:step("lines cut off at every byte among valid echoes", function()
            local function cut_everywhere(text)
                for length = 1, #text - 1 do
                    w:write("n0", text:sub(1, length) .. "\n")
                    if length % 5 == 0 then common.echo(w, book, c, "n0") end
                end
            end
            local before, echoes = w:count { from = "n0" }, #book.calls
            for _ = 1, 5 do
                local _, message = request { type = "echo", echo = common.random_value(w, 2) }
                cut_everywhere(common.spell(w, message))
            end
            w:sleep("5ms")
            w:expect("answers to the damaged lines",
                w:count { from = "n0" } - before - (#book.calls - echoes), 0, "n0")
        end)

        w:step("no invalid UTF-8 and no huge number ends the process", function()
            for _, bytes in ipairs { "\x80", "\xff\xfe", "\xc3", "\xc0\x80", "\xed\xa0\x80",
                "\xf8\x88\x80\x80\x80", "\xf4\x90\x80\x80" } do
                local call, message = request { type = "echo", echo = "@" }
                w:write("n0", (json_text(message):gsub("@", bytes)) .. "\n")
                common.echo(w, book, c, "n0")
                w:expect_between("replies to it", #call.replies, 0, 1, call)
            end
            for _, number in ipairs { "1e400", "-1e400", "1" .. ("0"):rep(400), "1e-400" } do
                local call, message = request { type = "echo", echo = 1, more = "@" }
                w:write("n0", (json_text(message):gsub('"@"', number)) .. "\n")
                common.echo(w, book, c, "n0")
                w:expect_between("replies to it", #call.replies, 0, 1, call)
            end
        end)

        common.exactly_one_reply(w, book)
    end,
}
