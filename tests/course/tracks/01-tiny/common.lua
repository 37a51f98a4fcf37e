-- What both parts of task 2 ask.
local common = {}

function common.add(c, node, amount)
    return c:ask(node, { type = "add", amount = amount }).total
end

return common
