"""Records of meetings and interviews: captions, transcripts, chats, who joined and left, what an interviewee stated."""
