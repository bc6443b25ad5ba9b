//! What people do: as the audit calls it, and in the words of those who look there.

use http::Method;

use crate::model::ContactDeed;

/// What the ids of events begin with that operators caused.
pub const OPERATORS: &str = "operator:";

/// One kind of deed. What the audit shows is one of these, or stands there from a version that had others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeedKind {
    LookUp,
    Say,
    Take,
    Return,
    Transfer,
    Close,
    Hold,
    Drop,
    Retry,
    Resume,
    Draft,
    Note,
    Remark,
    Tag,
    Untag,
    Name,
    Merge,
    Split,
    Part,
    Import,
    Change,
    Forget,
    Away,
    Online,
    Save,
    Reload,
    TryOut,
    Enable,
    Disable,
    Reinstate,
    RollBack,
    Settings,
    Promote,
    Abort,
    ForgetKeys,
    SignIn,
    SignOut,
    Invite,
    Revoke,
}

impl DeedKind {
    /// In the order in which they are offered to who looks for some.
    pub const ALL: [Self; 39] = [
        Self::LookUp,
        Self::Say,
        Self::Take,
        Self::Return,
        Self::Transfer,
        Self::Close,
        Self::Hold,
        Self::Drop,
        Self::Retry,
        Self::Resume,
        Self::Draft,
        Self::Note,
        Self::Remark,
        Self::Tag,
        Self::Untag,
        Self::Name,
        Self::Merge,
        Self::Split,
        Self::Part,
        Self::Import,
        Self::Change,
        Self::Forget,
        Self::Away,
        Self::Online,
        Self::Save,
        Self::Reload,
        Self::TryOut,
        Self::Enable,
        Self::Disable,
        Self::Reinstate,
        Self::RollBack,
        Self::Settings,
        Self::Promote,
        Self::Abort,
        Self::ForgetKeys,
        Self::SignIn,
        Self::SignOut,
        Self::Invite,
        Self::Revoke,
    ];

    /// Its name in the audit, and its words in English and Chinese.
    fn row(self) -> [&'static str; 3] {
        match self {
            Self::LookUp => ["look-up", "Looked at", "查看"],
            Self::Say => ["say", "Answered", "回复"],
            Self::Take => ["take", "Took", "接手"],
            Self::Return => ["return", "Gave back", "交回"],
            Self::Transfer => ["transfer", "Transferred", "转交"],
            Self::Close => ["close", "Closed", "结束"],
            Self::Hold => ["hold", "Put on hold", "挂起"],
            Self::Drop => ["drop", "Dropped", "放弃"],
            Self::Retry => ["retry", "Tried again", "重试发送"],
            Self::Resume => ["resume", "Opened a channel again", "恢复渠道"],
            Self::Draft => ["draft", "Asked for a draft", "让小二起草"],
            Self::Note => ["note", "Noted", "备注"],
            Self::Remark => ["remark", "Remarked on an order", "订单备注"],
            Self::Tag => ["tag", "Tagged", "加标签"],
            Self::Untag => ["untag", "Took a tag off", "去掉标签"],
            Self::Name => ["name", "Named", "改称呼"],
            Self::Merge => ["merge", "Put together", "合并客户"],
            Self::Split => ["split", "Took apart", "拆分客户"],
            Self::Part => ["part", "Parted with an address", "移除联系方式"],
            Self::Import => ["import", "Brought contacts in", "导入客户"],
            // Which it was stands in what was asked, unless that cannot be read.
            Self::Change => ["change", "Changed a contact", "修改客户"],
            Self::Forget => ["forget", "Erased", "删除数据"],
            Self::Away => ["away", "Went away", "离开"],
            Self::Online => ["online", "Came back", "回来"],
            Self::Save => ["save", "Saved settings", "保存设置"],
            Self::Reload => ["reload", "Had the settings read again", "重新读取设置"],
            Self::TryOut => ["try", "Tried what would be said", "试聊"],
            Self::Enable => ["enable", "Switched a plugin on", "启用插件"],
            Self::Disable => ["disable", "Switched a plugin off", "停用插件"],
            Self::Reinstate => ["reinstate", "Had a plugin tried again", "让插件重试"],
            Self::RollBack => ["rollback", "Went back to an earlier version", "退回旧版本"],
            Self::Settings => ["settings", "Changed a plugin's settings", "修改插件设置"],
            Self::Promote => ["promote", "Put a second version in place", "换成新版本"],
            Self::Abort => ["abort", "Did without a second version", "不要新版本"],
            Self::ForgetKeys => ["keys", "Erased what a plugin kept", "清除插件数据"],
            Self::SignIn => ["sign-in", "Signed in", "登录"],
            Self::SignOut => ["sign-out", "Signed out", "退出登录"],
            Self::Invite => ["invite", "Invited", "邀请登录"],
            Self::Revoke => ["revoke", "Took the sign-in away", "取消登录权限"],
        }
    }

    pub fn name(self) -> &'static str {
        let [name, _, _] = self.row();
        name
    }

    /// In English and in Chinese.
    pub fn words(self) -> (&'static str, &'static str) {
        let [_, english, chinese] = self.row();
        (english, chinese)
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// What is done by asking for a path of the admin API.
    pub fn of_request(method: &Method, path: &str) -> Option<Self> {
        let words: Vec<_> = path.trim_start_matches("/v1/").split('/').filter(|it| !it.starts_with('{')).collect();
        match (method, words.as_slice()) {
            (&Method::GET, _) => Some(Self::LookUp),
            (&Method::DELETE, ["customers" | "contacts", ..]) => Some(Self::Forget),
            // As the console calls them.
            (_, ["console", "people", "invitation"]) => Some(Self::Invite),
            (&Method::DELETE, ["console", "people"]) => Some(Self::Revoke),
            (_, ["contacts"]) => Some(Self::Change),
            (_, ["contacts.csv"]) => Some(Self::Import),
            (_, words) => Self::named(words.last()?),
        }
    }

    pub fn of_contact(deed: &ContactDeed) -> Self {
        match deed {
            ContactDeed::Note { .. } => Self::Note,
            ContactDeed::Name { .. } => Self::Name,
            ContactDeed::Tag { .. } => Self::Tag,
            ContactDeed::Untag { .. } => Self::Untag,
            ContactDeed::Merge { .. } => Self::Merge,
            ContactDeed::Split { .. } => Self::Split,
            ContactDeed::PartWith { .. } => Self::Part,
            ContactDeed::Import { .. } => Self::Import,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_deed_has_a_name_of_its_own_and_words_in_both_languages() {
        let names: HashSet<_> = DeedKind::ALL.into_iter().map(DeedKind::name).collect();
        assert_eq!(names.len(), DeedKind::ALL.len());
        for kind in DeedKind::ALL {
            let (english, chinese) = kind.words();
            assert!(english.is_ascii() && english.starts_with(|it: char| it.is_ascii_uppercase()), "{kind:?}");
            assert!(!chinese.is_empty() && !chinese.contains(|it: char| it.is_ascii()), "{kind:?}");
            assert_eq!(DeedKind::named(kind.name()), Some(kind));
        }
    }

    #[test]
    fn whatever_the_admin_api_is_asked_to_do_is_a_deed_with_words() {
        let described = serde_json::to_value(super::super::description()).unwrap();
        let mut count = 0;
        for (path, operations) in described["paths"].as_object().unwrap() {
            for method in operations.as_object().unwrap().keys() {
                let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else { continue };
                assert!(DeedKind::of_request(&method, path).is_some(), "{method} {path}");
                count += 1;
            }
        }
        assert!(count > 30, "{count}");
    }
}
