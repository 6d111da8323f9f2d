-- Finds what a sensor has measured: the raw value for which the formula of its data sheet gives the
-- value that the sensor is to have. The result of the formula must not fall when the raw value
-- rises.

-- Returns the least raw value below `limit` whose result reaches the wanted one, or else the
-- greatest.
return function(limit, wanted, formula)
  local low, high = 0, limit - 1
  while low < high do
    local middle = (low + high) // 2
    if formula(middle) >= wanted then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end
