//! Code page 25, Find: MS-ASWBXML section 2.1.2.1.26.

code_page! {
    25, "Find",
    FIND = 0x05, "Find";
    SEARCH_ID = 0x06, "SearchId";
    EXECUTE_SEARCH = 0x07, "ExecuteSearch";
    MAIL_BOX_SEARCH_CRITERION = 0x08, "MailBoxSearchCriterion";
    QUERY = 0x09, "Query";
    STATUS = 0x0A, "Status";
    FREE_TEXT = 0x0B, "FreeText";
    OPTIONS = 0x0C, "Options";
    RANGE = 0x0D, "Range";
    DEEP_TRAVERSAL = 0x0E, "DeepTraversal";
    RESPONSE = 0x11, "Response";
    RESULT = 0x12, "Result";
    PROPERTIES = 0x13, "Properties";
    PREVIEW = 0x14, "Preview";
    HAS_ATTACHMENTS = 0x15, "HasAttachments";
    TOTAL = 0x16, "Total";
    DISPLAY_CC = 0x17, "DisplayCc";
    DISPLAY_BCC = 0x18, "DisplayBcc";
    GAL_SEARCH_CRITERION = 0x19, "GalSearchCriterion";
    MAX_PICTURES = 0x20, "MaxPictures";
    MAX_SIZE = 0x21, "MaxSize";
    PICTURE = 0x22, "Picture";
}
