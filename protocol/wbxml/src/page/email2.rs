//! Code page 22, Email2: MS-ASWBXML section 2.1.2.1.23.

code_page! {
    22, "Email2",
    UM_CALLER_ID = 0x05, "UmCallerID";
    UM_USER_NOTES = 0x06, "UmUserNotes";
    UM_ATT_DURATION = 0x07, "UmAttDuration";
    UM_ATT_ORDER = 0x08, "UmAttOrder";
    CONVERSATION_ID = 0x09, "ConversationId";
    CONVERSATION_INDEX = 0x0A, "ConversationIndex";
    LAST_VERB_EXECUTED = 0x0B, "LastVerbExecuted";
    LAST_VERB_EXECUTION_TIME = 0x0C, "LastVerbExecutionTime";
    RECEIVED_AS_BCC = 0x0D, "ReceivedAsBcc";
    SENDER = 0x0E, "Sender";
    CALENDAR_TYPE = 0x0F, "CalendarType";
    IS_LEAP_MONTH = 0x10, "IsLeapMonth";
    ACCOUNT_ID = 0x11, "AccountId";
    FIRST_DAY_OF_WEEK = 0x12, "FirstDayOfWeek";
    MEETING_MESSAGE_TYPE = 0x13, "MeetingMessageType";
    IS_DRAFT = 0x15, "IsDraft";
    BCC = 0x16, "Bcc";
    SEND = 0x17, "Send";
}
