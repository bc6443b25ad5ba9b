//! Chats that the platform gave another id, as Telegram does when a group becomes a supergroup. The conversation keeps
//! its first name here; what is sent goes to the newest.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use crate::{
    model::Address,
    store::{Move, Store, wait},
};

pub struct Moves {
    store: Arc<dyn Store>,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    /// The newest id of a conversation.
    now_at: HashMap<Address, String>,
    /// The conversation of a newer id.
    home: HashMap<Address, Address>,
}

impl Moves {
    /// With what an earlier run learned. Reads the store, which may take a moment.
    pub fn of(store: Arc<dyn Store>) -> Self {
        let mut known = Known::default();
        match store.moves() {
            Ok(moves) => moves.into_iter().for_each(|it| known.note(&it)),
            // They are learned again from the platform.
            Err(error) => tracing::error!(%error, "the chats that moved cannot be read"),
        }
        Self { store, known: RwLock::new(known) }
    }

    /// The platform says that the chat has another id.
    pub fn learn(&self, address: &Address, chat: &str) {
        let moved = Move { address: address.clone(), chat: chat.to_owned() };
        self.known.write().unwrap_or_else(PoisonError::into_inner).note(&moved);
        tracing::info!(channel = address.channel, "a chat has another id from now on; it is remembered");
        // Where it cannot be written, the platform says so again.
        drop(self.store.move_chat(moved));
    }

    /// The same of a topic that was begun for a conversation: no message goes there before it is written down, so that no
    /// second one is begun for what follows.
    pub async fn begin(&self, address: &Address, chat: &str) {
        let moved = Move { address: address.clone(), chat: chat.to_owned() };
        self.known.write().unwrap_or_else(PoisonError::into_inner).note(&moved);
        if let Err(error) = wait(self.store.move_chat(moved)).await {
            tracing::error!(%error, channel = address.channel, "the number of a topic could not be written down");
        }
    }

    /// Where a conversation is now, if that is not its name.
    pub fn now_at(&self, address: &Address) -> Option<String> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).now_at.get(address).cloned()
    }

    /// The conversation that goes on at this address, if it has another name.
    pub fn home_of(&self, address: &Address) -> Option<Address> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).home.get(address).cloned()
    }
}

impl Known {
    fn note(&mut self, moved: &Move) {
        let Move { address, chat } = moved;
        self.home.insert(Address::new(&address.channel, chat), address.clone());
        self.now_at.insert(address.clone(), chat.clone());
    }
}
