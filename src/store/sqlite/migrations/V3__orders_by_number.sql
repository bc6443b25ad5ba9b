-- Orders by their numbers, as people write them: without signs between, and without the letters before the digits.
CREATE INDEX orders_by_digits ON orders (
    ltrim(
        replace(replace(replace(replace(replace(replace(lower(number), '#', ''), '-', ''), '_', ''), ' ', ''), '/', ''), '.', ''),
        'abcdefghijklmnopqrstuvwxyz'
    )
);
