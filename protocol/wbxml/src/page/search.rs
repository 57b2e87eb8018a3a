//! Code page 15, Search: MS-ASWBXML section 2.1.2.1.16.

code_page! {
    15, "Search",
    SEARCH = 0x05, "Search";
    STORE = 0x07, "Store";
    NAME = 0x08, "Name";
    QUERY = 0x09, "Query";
    OPTIONS = 0x0A, "Options";
    RANGE = 0x0B, "Range";
    STATUS = 0x0C, "Status";
    RESPONSE = 0x0D, "Response";
    RESULT = 0x0E, "Result";
    PROPERTIES = 0x0F, "Properties";
    TOTAL = 0x10, "Total";
    EQUAL_TO = 0x11, "EqualTo";
    VALUE = 0x12, "Value";
    AND = 0x13, "And";
    OR = 0x14, "Or";
    FREE_TEXT = 0x15, "FreeText";
    DEEP_TRAVERSAL = 0x17, "DeepTraversal";
    LONG_ID = 0x18, "LongId";
    REBUILD_RESULTS = 0x19, "RebuildResults";
    LESS_THAN = 0x1A, "LessThan";
    GREATER_THAN = 0x1B, "GreaterThan";
    USER_NAME = 0x1E, "UserName";
    PASSWORD = 0x1F, "Password";
    CONVERSATION_ID = 0x20, "ConversationId";
    PICTURE = 0x21, "Picture";
    MAX_SIZE = 0x22, "MaxSize";
    MAX_PICTURES = 0x23, "MaxPictures";
}
