//! Code page 5, Move: MS-ASWBXML section 2.1.2.1.6.

code_page! {
    5, "Move",
    MOVE_ITEMS = 0x05, "MoveItems";
    MOVE = 0x06, "Move";
    SRC_MSG_ID = 0x07, "SrcMsgId";
    SRC_FLD_ID = 0x08, "SrcFldId";
    DST_FLD_ID = 0x09, "DstFldId";
    RESPONSE = 0x0A, "Response";
    STATUS = 0x0B, "Status";
    DST_MSG_ID = 0x0C, "DstMsgId";
}
