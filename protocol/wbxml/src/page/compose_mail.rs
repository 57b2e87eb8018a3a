//! Code page 21, ComposeMail: MS-ASWBXML section 2.1.2.1.22.

code_page! {
    21, "ComposeMail",
    SEND_MAIL = 0x05, "SendMail";
    SMART_FORWARD = 0x06, "SmartForward";
    SMART_REPLY = 0x07, "SmartReply";
    SAVE_IN_SENT_ITEMS = 0x08, "SaveInSentItems";
    REPLACE_MIME = 0x09, "ReplaceMime";
    SOURCE = 0x0B, "Source";
    FOLDER_ID = 0x0C, "FolderId";
    ITEM_ID = 0x0D, "ItemId";
    LONG_ID = 0x0E, "LongId";
    INSTANCE_ID = 0x0F, "InstanceId";
    MIME = 0x10, "Mime";
    CLIENT_ID = 0x11, "ClientId";
    STATUS = 0x12, "Status";
    ACCOUNT_ID = 0x13, "AccountId";
    FORWARDEES = 0x15, "Forwardees";
    FORWARDEE = 0x16, "Forwardee";
    NAME = 0x17, "Name";
    EMAIL = 0x18, "Email";
}
