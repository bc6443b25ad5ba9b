//! What the hooks are called.

/// The names of the contract's hooks, and of the functions that a script exports for them.
pub const HOOKS: [(&str, &str); 9] = [
    ("welcome", "welcome"),
    ("message", "message"),
    ("order", "order"),
    ("payment-reminder", "paymentReminder"),
    ("shipping-notice", "shippingNotice"),
    ("review-request", "reviewRequest"),
    ("timer", "timer"),
    ("shift-begins", "shiftBegins"),
    ("daily", "daily"),
];
