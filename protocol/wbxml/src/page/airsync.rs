//! Code page 0, AirSync: MS-ASWBXML section 2.1.2.1.1.

code_page! {
    0, "AirSync",
    SYNC = 0x05, "Sync";
    RESPONSES = 0x06, "Responses";
    ADD = 0x07, "Add";
    CHANGE = 0x08, "Change";
    DELETE = 0x09, "Delete";
    FETCH = 0x0A, "Fetch";
    SYNC_KEY = 0x0B, "SyncKey";
    CLIENT_ID = 0x0C, "ClientId";
    SERVER_ID = 0x0D, "ServerId";
    STATUS = 0x0E, "Status";
    COLLECTION = 0x0F, "Collection";
    CLASS = 0x10, "Class";
    COLLECTION_ID = 0x12, "CollectionId";
    GET_CHANGES = 0x13, "GetChanges";
    MORE_AVAILABLE = 0x14, "MoreAvailable";
    WINDOW_SIZE = 0x15, "WindowSize";
    COMMANDS = 0x16, "Commands";
    OPTIONS = 0x17, "Options";
    FILTER_TYPE = 0x18, "FilterType";
    TRUNCATION = 0x19, "Truncation";
    CONFLICT = 0x1B, "Conflict";
    COLLECTIONS = 0x1C, "Collections";
    APPLICATION_DATA = 0x1D, "ApplicationData";
    DELETES_AS_MOVES = 0x1E, "DeletesAsMoves";
    SUPPORTED = 0x20, "Supported";
    SOFT_DELETE = 0x21, "SoftDelete";
    MIME_SUPPORT = 0x22, "MIMESupport";
    MIME_TRUNCATION = 0x23, "MIMETruncation";
    WAIT = 0x24, "Wait";
    LIMIT = 0x25, "Limit";
    PARTIAL = 0x26, "Partial";
    CONVERSATION_MODE = 0x27, "ConversationMode";
    MAX_ITEMS = 0x28, "MaxItems";
    HEARTBEAT_INTERVAL = 0x29, "HeartbeatInterval";
}
